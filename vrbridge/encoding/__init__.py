"""How content is packed: pictures, GPU textures and glTF.

Pixels are (H, W, C) numpy arrays with the first row on top; geometry is right-handed, +Y up, in metres.
Everything here is a pure function: the same input gives the same bytes, bad input raises `ValueError`.

* `texture.encode_map` turns one map of a material into the first fitting format of a client's list:
  KTX2 (`ktx2`) of GPU blocks (`blocks`) with a mip chain (`mips`), or a plain picture (`image`).
* `glb.write_glb` and `arrays.write_arrays` pack `primitive.Primitive`s.
"""
