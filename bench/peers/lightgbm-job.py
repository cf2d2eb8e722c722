"""Trains LightGBM on a matrix from a file, times it, and prints what was measured as one line of JSON.

The job is one JSON argument: matrix (float64, by column), target (float64), rows, learned (rows to train on, the first
ones), columns (names), rounds, learningRate, leaves, minimumRows, bins, threads, repetitions.
"""

import json
import sys
import time

import lightgbm
import numpy as np

job = json.loads(sys.argv[1])
columns = len(job["columns"])
x = np.ascontiguousarray(np.fromfile(job["matrix"]).reshape(columns, job["rows"]).T)
y = np.fromfile(job["target"])
learned = job["learned"]
settings = {
    "objective": "regression",
    "learning_rate": job["learningRate"],
    "num_leaves": job["leaves"],
    "min_data_in_leaf": job["minimumRows"],
    "max_bin": job["bins"],
    "num_threads": job["threads"],
    "verbose": -1,
    "seed": 1,
}
measured = []
for _ in range(job["repetitions"]):
    began, began_cpu = time.perf_counter(), time.process_time()
    data = lightgbm.Dataset(x[:learned], y[:learned], params=settings).construct()
    binned = time.perf_counter()
    model = lightgbm.train(settings, data, job["rounds"])
    trained, trained_cpu = time.perf_counter(), time.process_time()
    predictions = model.predict(x[learned:], num_threads=job["threads"])
    done = time.perf_counter()
    measured.append(
        {
            "train": trained - began,
            "trainCpu": trained_cpu - began_cpu,
            "bin": binned - began,
            "predict": done - trained,
            "rmse": float(np.sqrt(np.mean((predictions - y[learned:]) ** 2))),
        }
    )
print(json.dumps({"version": lightgbm.__version__, "measured": measured}))
