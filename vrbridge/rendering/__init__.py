"""Pictures of triangles on the CPU, for whoever has some: the client's demo, evaluation, reference images."""
