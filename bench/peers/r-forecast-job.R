# One statistical model of R's forecast on many series: `Rscript r-forecast-job.R job.json` prints one line of JSON.

started <- proc.time()[["elapsed"]]
suppressPackageStartupMessages(library(forecast))
import_seconds <- proc.time()[["elapsed"]] - started

job <- jsonlite::fromJSON(commandArgs(trailingOnly = TRUE)[1])
lengths <- as.integer(job$lengths)
ends <- cumsum(lengths)
values <- readBin(job$values, what = "double", n = sum(lengths), size = 8)

# Point forecasts of one series; intervals are left out where the function lets us.
models <- list(
  ses = function(y, h) ses(y, h = h)$mean,
  holt = function(y, h) holt(y, h = h)$mean,
  ets = function(y, h) forecast(ets(y), h = h, PI = FALSE)$mean,
  thetaf = function(y, h) thetaf(y, h = h)$mean,
  auto.arima = function(y, h) forecast(auto.arima(y), h = h)$mean,
  croston = function(y, h) croston(y, h = h)$mean
)
predict_one <- models[[job$model]]

series <- lapply(seq_along(lengths), function(i) {
  ts(values[(ends[i] - lengths[i] + 1):ends[i]], frequency = job$season)
})

peak_mib <- function() {
  status <- tryCatch(readLines("/proc/self/status"), error = function(e) character())
  line <- grep("^VmHWM", status, value = TRUE)
  if (length(line) == 0) 0 else as.numeric(gsub("[^0-9]", "", line)) / 1024
}
loaded <- peak_mib()

before <- proc.time()[["elapsed"]]
invisible(predict_one(series[[1]], job$horizon))
cold <- proc.time()[["elapsed"]] - before

before <- proc.time()[["elapsed"]]
# A series that the model cannot take gets the naive forecast.
forecasts <- vapply(series, function(y) {
  as.numeric(tryCatch(predict_one(y, job$horizon), error = function(e) naive(y, h = job$horizon)$mean))
}, numeric(job$horizon))
seconds <- proc.time()[["elapsed"]] - before

writeBin(as.double(forecasts), job$forecasts, size = 8)
cat(jsonlite::toJSON(list(
  versions = list(r = as.character(getRversion()), forecast = as.character(packageVersion("forecast"))),
  importSeconds = import_seconds,
  firstSeconds = cold,
  seconds = seconds,
  loadedMib = loaded,
  peakMib = peak_mib()
), auto_unbox = TRUE, digits = 8), "\n", sep = "")
