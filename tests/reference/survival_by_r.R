# Writes survival_by_r.csv: what R's survival 3.5-3 makes of lives_made_up.csv. Needs R with that package, which is
# not among the dependencies: Rscript tests/reference/survival_by_r.R
library(survival)
folder <- dirname(sub("--file=", "", grep("--file=", commandArgs(), value = TRUE)))
lives <- read.csv(file.path(folder, "lives_made_up.csv"))
lives$life <- seq_len(nrow(lives))
rows <- list()
add <- function(quantity, month, value)
  rows[[length(rows) + 1]] <<- data.frame(quantity = quantity, month = month, value = value)
curve <- function(name, fit, months) {
  found <- summary(fit, times = months, extend = TRUE)
  add(paste0(name, "_survival"), months, found$surv)
  add(paste0(name, "_low"), months, found$lower)
  add(paste0(name, "_high"), months, found$upper)
}
months <- 1:45
late <- Surv(lives$entry, lives$exit, lives$event)

plain <- survfit(late ~ 1, conf.type = "log-log")
curve("plain", plain, months)
found <- summary(plain, times = months)
add("summed_hazard", months, found$cumhaz)
add("summed_hazard_error", months, found$std.chaz)
left <- plain$n.event > 0
add("at_risk", plain$time[left], plain$n.risk[left])
add("median", 0, unname(quantile(plain, 0.5)$quantile))
add("median_low", 0, unname(quantile(plain, 0.5)$lower))
add("median_high", 0, unname(quantile(plain, 0.5)$upper))
for (horizon in c(12, 36)) {
  mean <- survival:::survmean(plain, rmean = horizon)$matrix
  add("mean", horizon, mean[["rmean"]])
  add("mean_error", horizon, mean[["se(rmean)"]])
}
later <- survfit(late ~ 1, conf.type = "log-log", start.time = 12.5)
curve("from_12", later, 13:45)

shared <- survfit(late ~ 1, cluster = client, data = lives, robust = TRUE, conf.type = "log-log", influence = TRUE)
curve("over_clients", shared, months)
# what each client moves the curve by, held from month to month and summed up to the horizon
moves <- shared$influence.surv
for (horizon in c(12, 36)) {
  grid <- findInterval(0:(horizon - 1), shared$time)
  summed <- rowSums(cbind(0, moves)[, grid + 1])
  add("over_clients_mean_error", horizon, sqrt(sum(summed^2)))
}

why <- factor(lives$reason, 0:3, labels = c("there", "one", "two", "three"))
found <- summary(survfit(Surv(entry, exit, why) ~ 1, data = lives, id = life), times = months)
for (reason in 1:3) {
  add(paste0("left_for_", reason), months, found$pstate[, reason + 1])
  add(paste0("left_for_", reason, "_error"), months, found$std.err[, reason + 1])
}

watched <- survdiff(Surv(exit - entry, event) ~ group, data = lives)
add("log_rank", 0, watched$chisq)
add("log_rank_expected", 1:3, watched$exp)
add("log_rank_strata", 0, survdiff(Surv(exit - entry, event) ~ group + strata(stratum), data = lives)$chisq)
# late entry: every month of tenure is a stratum of those at risk in it
month_rows <- do.call(rbind, lapply(seq_len(nrow(lives)), function(i) {
  month <- (lives$entry[i] + 1):lives$exit[i]
  left <- as.integer(month == lives$exit[i] & lives$event[i] == 1)
  data.frame(month, left, one = 1, group = lives$group[i], stratum = lives$stratum[i])
}))
late_test <- function(formula) survdiff(formula, data = month_rows)$chisq
add("log_rank_late", 0, late_test(Surv(one, left) ~ group + strata(month)))
add("log_rank_late_strata", 0, late_test(Surv(one, left) ~ group + strata(month, stratum)))
scored <- coxph(Surv(entry, exit, event) ~ factor(group), data = lives, ties = "breslow", cluster = client)
add("log_rank_over_clients", 0, scored$rscore)

out <- do.call(rbind, rows)
out$value <- sprintf("%.12g", out$value)
write.csv(unique(out), file.path(folder, "survival_by_r.csv"), row.names = FALSE, quote = FALSE)
