# Prints a complementary log-log fit with random intercepts of the data in tests/lifetime/test_pooling.py as lme4 1.1.31 computes
# it: Rscript tests/reference/pooled_by_lme4.R (Debian: r-cran-lme4). nAGQ = 0 is Laplace's method with the other
# coefficients at their joint mode, as ours.
suppressMessages(library(lme4))
i <- 0:599
g <- i %% 6
d <- data.frame(g = g, x = round(sin(0.9 * i), 2), y = as.numeric((37 * i) %% 100 < c(4, 12, 6, 18, 3, 9)[g + 1]))
m <- glmer(y ~ x + (1 | g), family = binomial("cloglog"), data = d, nAGQ = 0,
           control = glmerControl("bobyqa", tolPwrss = 1e-12, optCtrl = list(rhoend = 1e-10)))
print(packageVersion("lme4"))
print(as.data.frame(VarCorr(m)), digits = 10)
print(fixef(m), digits = 10)
print(ranef(m)$g, digits = 10)
