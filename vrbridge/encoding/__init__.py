"""How content is packed: pictures, GPU textures and glTF."""
