"""How content is made: the only package that runs networks."""
