# Prints Jeffreys-penalised complementary log-log coefficients and errors of the data in tests/lifetime/test_firth.py as
# brglm2 0.9 computes them: Rscript tests/reference/firth_by_brglm2.R (Debian: r-cran-brglm2). Nobody left group b = 1.
library(brglm2)
i <- 0:59
d <- data.frame(a = round(2 * sin(1.7 * i), 2), b = as.numeric(i %% 3 == 0), y = as.numeric(i %in% c(4, 19, 37, 41, 56)))
m <- glm(y ~ a + b, family = binomial("cloglog"), data = d, method = "brglmFit", type = "MPL_Jeffreys",
         epsilon = 1e-12, maxit = 1000)
print(packageVersion("brglm2"))
print(coef(m), digits = 10)
print(sqrt(diag(vcov(m))), digits = 10)
