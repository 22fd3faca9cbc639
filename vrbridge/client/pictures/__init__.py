"""Pictures of materials and props for a person to look at, drawn without a GPU."""
