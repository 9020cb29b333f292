#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Converts a Hugging Face Mamba or Mamba-2 checkpoint into a file that ssmz::model::Model::open reads.

    convert.py IN.safetensors OUT.safetensors [--dtype F32|F16|BF16]

IN has the names of transformers' MambaForCausalLM or Mamba2ForCausalLM (state-spaces/mamba-*-hf), one file, F32, F16
or BF16. What it must be: convolution width 4, one group (Mamba-2), no limit on the step size, RMSNorm epsilon 1e-5.
Needs numpy only. The layout of OUT is in model/README.md.
"""
import argparse
import json
import struct
import sys

import numpy as np


def fail(message):
    sys.exit("convert.py: " + message)


def read(path):
    """Name -> float32 array."""
    with open(path, "rb") as file:
        data = file.read()
    if len(data) < 8:
        fail(path + " is not a safetensors file")
    length = struct.unpack("<Q", data[:8])[0]
    if length > len(data) - 8:
        fail(path + " is not a safetensors file")
    header = json.loads(data[8:8 + length])
    tensors = {}
    for name, about in header.items():
        if name == "__metadata__":
            continue
        begin, end = (8 + length + offset for offset in about["data_offsets"])
        raw = data[begin:end]
        if about["dtype"] == "F32":
            values = np.frombuffer(raw, "<f4")
        elif about["dtype"] == "F16":
            values = np.frombuffer(raw, "<f2").astype("f4")
        elif about["dtype"] == "BF16":
            values = (np.frombuffer(raw, "<u2").astype("u4") << 16).view("f4")
        else:
            fail("%s is of type %s" % (name, about["dtype"]))
        tensors[name] = values.reshape(about["shape"])
    return tensors


def encode(values, dtype):
    values = np.ascontiguousarray(values, "<f4")
    if dtype == "F32":
        return values.tobytes()
    if dtype == "F16":
        return values.astype("<f2").tobytes()
    bits = values.view("<u4").astype("u8")
    return ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16).astype("<u2").tobytes()  # round to nearest, ties to even


def write(path, tensors, metadata, dtype):
    """Writes the arrays in order, each from a multiple of 64 bytes, so that a reader can use them in place."""
    header, body = {"__metadata__": metadata}, b""
    pieces, at, fill = [], 0, 0
    for name, values in tensors:
        raw = encode(values, dtype)
        header[name] = {"dtype": dtype, "shape": list(values.shape), "data_offsets": [at, at + len(raw)]}
        pieces.append(raw)
        at += len(raw)
        if at % 64:  # safetensors allows no holes: what fills them is a tensor
            gap = 64 - at % 64
            unit = 4 if dtype == "F32" else 2
            header["fill.%d" % fill] = {"dtype": dtype, "shape": [gap // unit], "data_offsets": [at, at + gap]}
            fill += 1
            pieces.append(bytes(gap))
            at += gap
    text = json.dumps(header).encode()
    text += b" " * (-(8 + len(text)) % 64)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(pieces))


def pad_columns(matrix, width):
    return np.pad(matrix, ((0, 0), (0, width - matrix.shape[1])))


def round16(n):
    return (n + 15) // 16 * 16


def mamba(take, to):
    """One layer of Mamba; returns its stack text."""
    in_proj, x_proj, dt_proj = take("in_proj.weight"), take("x_proj.weight"), take("dt_proj.weight")
    decay = take("A_log")
    e, n = decay.shape
    rank = dt_proj.shape[1]
    dt, b, c = np.split(x_proj, [rank, rank + n])
    to("in", in_proj.T)
    convolution(take, to)
    to("mix", pad_columns(np.concatenate([b, c, dt]).T, round16(2 * n + rank)))
    to("step_weight", dt_proj.T)
    to("step_bias", take("dt_proj.bias"))
    to("decay_log", decay.T)
    to("skip", take("D"))
    to("out", take("out_proj.weight").T)
    return "s6:e%d,n%d,r%d" % (e, n, rank)


def mamba2(take, to):
    """One layer of Mamba-2; returns its stack text."""
    in_proj, skip, gain = take("in_proj.weight"), take("D"), take("norm.weight")
    heads, e = len(skip), len(gain)
    n = (in_proj.shape[0] - 2 * e - heads) // 2
    if in_proj.shape[0] != 2 * e + 2 * n + heads or take("conv1d.weight").shape[0] != e + 2 * n:
        fail("more than one group of B and C is not supported")
    z, mixed, dt = np.split(in_proj, [e, 2 * e + 2 * n])
    width = e + 2 * n + e + round16(heads)
    to("in", pad_columns(np.concatenate([mixed, z, dt]).T, width))
    convolution(take, to)
    to("decay_log", take("A_log"))
    to("step_bias", take("dt_bias"))
    to("skip", np.repeat(skip, e // heads))
    to("norm", gain)
    to("out", take("out_proj.weight").T)
    return "ssd:h%d,p%d,n%d" % (heads, e // heads, n)


def convolution(take, to):
    weight = take("conv1d.weight")
    if weight.shape[1:] != (1, 4):
        fail("a convolution is not of width 4")
    to("conv_weight", weight[:, 0, :].T)
    to("conv_bias", take("conv1d.bias"))


def convert(tensors):
    """Returns the arrays in the model's order, and the metadata."""
    out, stack = [], []
    index = 0
    while "backbone.layers.%d.norm.weight" % index in tensors:
        source = "backbone.layers.%d." % index

        def take(name):
            full = source + "mixer." + name
            if full not in tensors:
                fail("the file lacks " + full)
            return tensors[full]

        selective = source + "mixer.x_proj.weight" in tensors
        target = "blocks.%d." % index
        kind = "s6" if selective else "ssd"
        out.append((target + "norm", tensors[source + "norm.weight"]))
        layer = mamba if selective else mamba2
        stack.append(layer(take, lambda name, values: out.append((target + kind + "." + name, values))))
        index += 1
    embedding = next((tensors[n] for n in ("backbone.embeddings.weight", "backbone.embedding.weight") if n in tensors), None)
    if index == 0 or embedding is None or "backbone.norm_f.weight" not in tensors:
        fail("these are not the names of a Mamba or Mamba-2 for causal language modelling")
    out.append(("norm", tensors["backbone.norm_f.weight"]))
    out.append(("embedding", embedding))
    head = tensors.get("lm_head.weight")
    if head is not None and not np.array_equal(head, embedding):
        out.append(("head.weight", head))
    metadata = {"format": "ssmz-model", "stack": " | ".join(stack), "d_model": str(embedding.shape[1])}
    return out, metadata


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("input")
    parser.add_argument("output")
    parser.add_argument("--dtype", choices=["F32", "F16", "BF16"], default="F32")
    arguments = parser.parse_args()
    arrays, metadata = convert(read(arguments.input))
    write(arguments.output, arrays, metadata, arguments.dtype)


if __name__ == "__main__":
    main()
