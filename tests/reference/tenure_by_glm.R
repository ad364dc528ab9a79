# Prints a complementary log-log fit with a level for each month of tenure of the spells in tests/lifetime/test_tenure.py,
# laid out as person-months, as R's glm computes it: Rscript tests/reference/tenure_by_glm.R (base R).
i <- 0:119
entry <- (7 * i) %% 5
exit <- entry + 1 + (11 * i) %% 9
event <- i %% 3 == 0
x <- round(cos(i), 2)
z <- as.numeric(i %% 4 == 1)
rows <- rep(seq_along(i), exit - entry)
month <- unlist(mapply(function(a, b) (a + 1):b, entry, exit))
d <- data.frame(y = as.numeric(event[rows] & month == exit[rows]), month = factor(month), x = x[rows], z = z[rows])
m <- glm(y ~ 0 + month + x + z, family = binomial("cloglog"), data = d, control = list(epsilon = 1e-14, maxit = 100))
print(R.version.string)
print(coef(m), digits = 10)
print(m$deviance / -2, digits = 10)
