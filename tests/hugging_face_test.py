#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Mamba and Mamba-2 with random weights under Hugging Face's names: model/convert.py and the library against a slow
implementation written from the papers, every logit within 1e-4.

    hugging_face_test.py SSMZ_LOGITS CONVERT_PY

Exit status 77: numpy is missing.
"""
import json
import os
import struct
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    debian = "/usr/bin/python3"  # where python3-numpy installs
    if os.path.realpath(sys.executable) != os.path.realpath(debian) and os.path.exists(debian):
        os.execv(debian, [debian] + sys.argv)
    print("skipped: no numpy")
    sys.exit(77)

EPSILON = 1e-5


def silu(x):
    return x / (1 + np.exp(-x))


def softplus(x):
    return np.log1p(np.exp(x))


def rms_norm(x, weight):
    return x / np.sqrt(np.mean(x * x) + EPSILON) * weight


def make(rng, kind, layers, d, vocabulary, n, tied):
    """Random weights as transformers names and shapes them."""
    normal = lambda *shape: rng.normal(size=shape).astype("f4")
    e, weights = 2 * d, {}
    weights["backbone.embeddings.weight"] = normal(vocabulary, d)
    for i in range(layers):
        at = "backbone.layers.%d." % i
        weights[at + "norm.weight"] = 1 + 0.1 * normal(d)
        mixer = at + "mixer."
        weights[mixer + "out_proj.weight"] = normal(d, e) / np.sqrt(e)
        if kind == "mamba":
            rank = (d + 15) // 16
            weights[mixer + "in_proj.weight"] = normal(2 * e, d) / np.sqrt(d)
            weights[mixer + "conv1d.weight"] = normal(e, 1, 4) / 2
            weights[mixer + "conv1d.bias"] = 0.1 * normal(e)
            weights[mixer + "x_proj.weight"] = normal(rank + 2 * n, e) / np.sqrt(e)
            weights[mixer + "dt_proj.weight"] = normal(e, rank)
            weights[mixer + "dt_proj.bias"] = normal(e) - 3
            weights[mixer + "A_log"] = np.log(np.tile(np.arange(1, n + 1), (e, 1))).astype("f4") + 0.1 * normal(e, n)
            weights[mixer + "D"] = 1 + 0.1 * normal(e)
        else:
            heads = e // 32
            weights[mixer + "in_proj.weight"] = normal(2 * e + 2 * n + heads, d) / np.sqrt(d)
            weights[mixer + "conv1d.weight"] = normal(e + 2 * n, 1, 4) / 2
            weights[mixer + "conv1d.bias"] = 0.1 * normal(e + 2 * n)
            weights[mixer + "dt_bias"] = normal(heads) - 3
            weights[mixer + "A_log"] = np.log(rng.uniform(1, 16, heads)).astype("f4")
            weights[mixer + "D"] = 1 + 0.1 * normal(heads)
            weights[mixer + "norm.weight"] = 1 + 0.1 * normal(e)
    weights["backbone.norm_f.weight"] = 1 + 0.1 * normal(d)
    if not tied:
        weights["lm_head.weight"] = normal(vocabulary, d) / np.sqrt(d)
    return {name: values.astype("f4") for name, values in weights.items()}


def convolve(x, weight, bias):
    """Causal depthwise convolution over rows."""
    padded = np.concatenate([np.zeros((3, x.shape[1])), x])
    return np.stack([sum(padded[t + j] * weight[:, 0, j] for j in range(4)) + bias for t in range(len(x))])


def mamba(u, take):
    decay = -np.exp(take("A_log"))
    e, n = decay.shape
    xz = u @ take("in_proj.weight").T
    x, z = xz[:, :e], xz[:, e:]
    x = silu(convolve(x, take("conv1d.weight"), take("conv1d.bias")))
    mixed = x @ take("x_proj.weight").T
    rank = mixed.shape[1] - 2 * n
    step = softplus(mixed[:, :rank] @ take("dt_proj.weight").T + take("dt_proj.bias"))
    h, out = np.zeros((e, n)), []
    for t in range(len(u)):
        b, c = mixed[t, rank:rank + n], mixed[t, rank + n:]
        h = np.exp(step[t][:, None] * decay) * h + (step[t] * x[t])[:, None] * b[None, :]
        out.append((h @ c + take("D") * x[t]) * silu(z[t]))
    return np.array(out) @ take("out_proj.weight").T


def mamba2(u, take):
    decay, skip, gain = -np.exp(take("A_log")), take("D"), take("norm.weight")
    heads, e = len(skip), len(gain)
    projected = u @ take("in_proj.weight").T
    n = (projected.shape[1] - 2 * e - heads) // 2
    z, mixed, dt = np.split(projected, [e, 2 * e + 2 * n], axis=1)
    mixed = silu(convolve(mixed, take("conv1d.weight"), take("conv1d.bias")))
    step = softplus(dt + take("dt_bias"))
    width = e // heads
    h, out = np.zeros((heads, width, n)), []
    for t in range(len(u)):
        x, b, c = mixed[t, :e].reshape(heads, width), mixed[t, e:e + n], mixed[t, e + n:]
        h = np.exp(step[t] * decay)[:, None, None] * h + (step[t][:, None] * x)[:, :, None] * b
        y = (h @ c + skip[:, None] * x).reshape(e)
        out.append(rms_norm(y * silu(z[t]), gain))
    return np.array(out) @ take("out_proj.weight").T


def logits(weights, kind, tokens):
    weights = {name: values.astype("f8") for name, values in weights.items()}
    x = weights["backbone.embeddings.weight"][tokens]
    layer = 0
    while "backbone.layers.%d.norm.weight" % layer in weights:
        at = "backbone.layers.%d." % layer
        normed = np.array([rms_norm(row, weights[at + "norm.weight"]) for row in x])
        x = x + (mamba if kind == "mamba" else mamba2)(normed, lambda name: weights[at + "mixer." + name])
        layer += 1
    h = np.array([rms_norm(row, weights["backbone.norm_f.weight"]) for row in x])
    return h @ weights.get("lm_head.weight", weights["backbone.embeddings.weight"]).T


def save(path, weights, dtype):
    """Writes safetensors; returns the weights as a reader of that type sees them."""
    header, body, seen = {}, b"", {}
    for name, values in weights.items():
        if dtype == "F32":
            raw, seen[name] = values.tobytes(), values
        elif dtype == "F16":
            raw = values.astype("<f2").tobytes()
            seen[name] = values.astype("<f2").astype("f4")
        else:
            bits = values.view("<u4") & 0xFFFF0000
            raw = (bits >> 16).astype("<u2").tobytes()
            seen[name] = bits.view("<f4")
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [len(body), len(body) + len(raw)]}
        body += raw
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + body)
    return seen


def run(program, path, tokens, *options):
    out = subprocess.run([program, path, *options, *map(str, tokens)], check=True, capture_output=True, text=True).stdout
    return np.array([[float(x) for x in line.split()] for line in out.splitlines()])


def main():
    program, convert = sys.argv[1:]
    rng = np.random.default_rng(1)
    worst_of_all = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for kind, dtype, tied, keep in (("mamba", "F32", True, "F32"), ("mamba", "BF16", False, "BF16"),
                                        ("mamba2", "F32", False, "F32"), ("mamba2", "F16", True, "F16")):
            weights = make(rng, kind, 3, 48 if kind == "mamba" else 64, 40, 16, tied)
            source, target = os.path.join(folder, "hf"), os.path.join(folder, "model")
            weights = save(source, weights, dtype)
            subprocess.run([sys.executable, convert, source, target, "--dtype", keep], check=True)
            tokens = rng.integers(0, 40, 70)
            expected = logits(weights, kind, tokens)
            worst = max(np.abs(run(program, target, tokens) - expected).max(),
                        np.abs(run(program, target, tokens, "--prefill")[0] - expected[-1]).max())
            print("%s %s: largest difference %.2g of logits to %.1f" % (kind, dtype, worst, np.abs(expected).max()))
            worst_of_all = max(worst_of_all, worst)
        # A file of another kind is refused with a message, not a trace.
        save(source, {"x": np.zeros(3, "f4")}, "F32")
        refused = subprocess.run([sys.executable, convert, source, target], capture_output=True, text=True)
        assert refused.returncode == 1 and "Traceback" not in refused.stderr, refused.stderr
    sys.exit(0 if worst_of_all < 1e-4 else 1)


if __name__ == "__main__":
    main()
