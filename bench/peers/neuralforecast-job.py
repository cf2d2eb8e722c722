"""Fits one neuralforecast model as a job file says, times it, and prints what was measured as one line of JSON.

The job and the measurement are described in job.ts; forecasts go to the file that the job names.
"""

import json
import logging
import os
import platform
import resource
import sys
import time
import warnings

# Training prints and logs nothing: that is time which no forecast needs.
warnings.filterwarnings("ignore")
logging.disable(logging.WARNING)
started = time.perf_counter()

import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import torch  # noqa: E402
from neuralforecast import NeuralForecast, models  # noqa: E402
from neuralforecast import __version__ as neuralforecast_version  # noqa: E402
from neuralforecast.losses.pytorch import MAE  # noqa: E402
from pytorch_lightning import Callback  # noqa: E402

import_seconds = time.perf_counter() - started


def peak_mib():
    """Largest resident memory of this process so far, MiB."""
    # Linux adds the parent's memory at the start of a process to ru_maxrss, but not to VmHWM.
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    unit = 1 if platform.system() == "Darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


class StepTimes(Callback):
    """When each optimiser step ended; kept in the class, because fitting copies its models with their callbacks."""

    ends = []

    def on_train_batch_end(self, *_):
        StepTimes.ends.append(time.perf_counter())


def frame(values, lengths):
    """All series as the long table that neuralforecast takes; time is a count."""
    ids = np.repeat(np.arange(len(lengths)), lengths)
    ds = np.concatenate([np.arange(length) for length in lengths])
    return pd.DataFrame({"unique_id": ids, "ds": ds, "y": values, "phase": phase_at(ds)})


def phase_at(ds):
    """Position in the day, 0 to below 1, of hours that are counted."""
    return ds % 24 / 24


def future_of(history, job):
    """The column that is known ahead, for the horizon after each series; nothing where the job wants none."""
    if not job["phase"]:
        return {}
    last = history.groupby("unique_id")["ds"].max()
    steps = np.arange(1, job["horizon"] + 1)
    ds = (last.to_numpy()[:, None] + steps).ravel()
    ids = np.repeat(last.index.to_numpy(), job["horizon"])
    return {"futr_df": pd.DataFrame({"unique_id": ids, "ds": ds, "phase": phase_at(ds)})}


def cut(table, lengths, steps_from_end, keep=None):
    """The table without the last steps of each series; of what is left only the last `keep`, if given."""
    left = table["unique_id"].map(dict(enumerate(lengths))) - steps_from_end - table["ds"]
    return table[(left > 0) & (left <= keep)] if keep else table[left > 0]


def build(job):
    """The model, with every default of neuralforecast that the job does not name.

    But for one: by default it also trains on windows with a single observed value, which spoils its forecasts of M4.
    """
    return getattr(models, job["peer"]["model"])(
        h=job["horizon"],
        input_size=job["lookBack"],
        loss=MAE(),
        max_steps=job["steps"],
        learning_rate=job["learningRate"],
        num_lr_decays=job["learningRateDecay"] or -1,
        batch_size=job["peer"]["seriesInStep"],
        windows_batch_size=job["windowsInStep"],
        scaler_type="identity" if job["scaler"] == "none" else "standard",
        futr_exog_list=["phase"] if job["phase"] else None,
        random_seed=job["seed"],
        training_data_availability_threshold=1.0,
        accelerator="cpu",
        enable_progress_bar=False,
        enable_model_summary=False,
        logger=False,
        callbacks=[StepTimes()],
        **job["peer"]["hyperparameters"],
    )


def forecasts_at_folds(forecaster, table, job):
    """[folds, series, horizon], each fold forecast from all that lies before it."""
    folds = []
    for fold in range(job["folds"], 0, -1):
        history = cut(table, job["lengths"], fold * job["horizon"])
        predicted = forecaster.predict(df=history, **future_of(history, job))
        folds.append(predicted.sort_values(["unique_id", "ds"])[job["peer"]["model"]].to_numpy())
    return np.array(folds)


def timed(call, count):
    """Milliseconds of each of `count` calls, after a tenth as many to warm up."""
    for _ in range(-(-count // 10)):
        call()
    took = []
    for _ in range(count):
        before = time.perf_counter()
        call()
        took.append((time.perf_counter() - before) * 1000)
    return took


def run(job):
    torch.set_num_threads(job["threads"])
    memory = {"loaded": peak_mib()}
    table = frame(np.fromfile(job["values"]), job["lengths"])
    training = cut(table, job["lengths"], job["folds"] * job["horizon"])
    if not job["phase"]:
        table, training = table.drop(columns="phase"), training.drop(columns="phase")
    before = time.perf_counter()
    forecaster = NeuralForecast(models=[build(job)], freq=1)
    forecaster.fit(training, val_size=job["validationFolds"] * job["horizon"])
    fit_seconds = time.perf_counter() - before
    memory["fitted"] = peak_mib()
    forecasts_at_folds(forecaster, table, job).astype(np.float64).tofile(job["forecasts"])
    ends = StepTimes.ends
    step_seconds = (ends[-1] - ends[0]) / max(1, len(ends) - 1)
    one = training[training["unique_id"] == 0].tail(job["lookBack"])
    ahead, ahead_of_all = future_of(one, job), future_of(training, job)
    calls = job["latencyCalls"]
    parameters = forecaster.models[0].parameters()
    return {
        "versions": {
            "neuralforecast": neuralforecast_version,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "importSeconds": import_seconds,
        "fitSeconds": fit_seconds,
        "stepSeconds": step_seconds,
        "startSeconds": fit_seconds - step_seconds * len(ends),
        "steps": len(ends),
        "parameters": sum(p.numel() for p in parameters if p.requires_grad),
        "predictOneMs": {"call": timed(lambda: forecaster.predict(df=one, **ahead), calls)},
        "predictAllMs": timed(lambda: forecaster.predict(**ahead_of_all), calls // 10),
        "peakMib": {**memory, "end": peak_mib()},
    }


if __name__ == "__main__":
    with open(sys.argv[1]) as file:
        print(json.dumps(run(json.load(file))))
