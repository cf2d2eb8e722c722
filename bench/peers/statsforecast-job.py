"""One statistical model of statsforecast on many series: `statsforecast-job.py job.json` prints one line of JSON."""

import json
import os
import platform
import resource
import sys
import time

started = time.perf_counter()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import statsforecast  # noqa: E402
from statsforecast import StatsForecast, models  # noqa: E402

import_seconds = time.perf_counter() - started


def peak_mib():
    """Largest resident memory of this process so far, MiB."""
    # Linux adds the parent's memory at the start of a process to ru_maxrss, but not to VmHWM.
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def read_frame(job):
    """The series in the long format that statsforecast takes, with times 1, 2, ..."""
    lengths = np.array(job["lengths"])
    return pd.DataFrame(
        {
            "unique_id": np.repeat(np.arange(len(lengths)), lengths),
            "ds": np.concatenate([np.arange(1, n + 1) for n in lengths]),
            "y": np.fromfile(job["values"], dtype=np.float64),
        }
    )


def make_model(job):
    create = getattr(models, job["model"])
    if job["model"] in ("SimpleExponentialSmoothingOptimized", "CrostonClassic", "CrostonSBA", "IMAPA", "ADIDA"):
        return create()
    return create(season_length=job["season"])


def forecast(job, frame):
    """Fits and forecasts as a user does; a series that the model cannot take gets the naive forecast."""
    engine = StatsForecast(
        models=[make_model(job)], freq=1, n_jobs=1, fallback_model=models.Naive()
    )
    return engine.forecast(df=frame, h=job["horizon"])


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    frame = read_frame(job)
    loaded = peak_mib()
    first = frame[frame["unique_id"] == 0]
    before = time.perf_counter()
    forecast(job, first)
    cold = time.perf_counter() - before
    before = time.perf_counter()
    result = forecast(job, frame)
    seconds = time.perf_counter() - before
    column = [name for name in result.columns if name not in ("unique_id", "ds")][0]
    result = result.sort_values(["unique_id", "ds"])
    result[column].to_numpy(dtype=np.float64).tofile(job["forecasts"])
    print(
        json.dumps(
            {
                "versions": {
                    "python": sys.version.split()[0],
                    "statsforecast": statsforecast.__version__,
                    "numpy": np.__version__,
                },
                "importSeconds": import_seconds,
                "firstSeconds": cold,
                "seconds": seconds,
                "loadedMib": loaded,
                "peakMib": peak_mib(),
            }
        )
    )


main()
