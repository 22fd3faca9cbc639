"""A Shap-E pipeline with tiny random networks, saved as its authors' is."""

from pathlib import Path

import torch
from diffusers import HeunDiscreteScheduler, PriorTransformer, ShapEPipeline
from diffusers.pipelines.shap_e import ShapERenderer
from transformers import CLIPTextConfig, CLIPTextModelWithProjection

from tests.generators.texture.tiny_pipelines import MAX_TOKENS, tiny_tokenizer

_WIDTH = 16


def save_shap_e_pipeline(folder: Path) -> Path:
    """Save it; return its folder."""
    torch.manual_seed(0)
    tokenizer = tiny_tokenizer()
    text = CLIPTextConfig(
        vocab_size=len(tokenizer), max_position_embeddings=MAX_TOKENS, hidden_size=32, projection_dim=_WIDTH,
        intermediate_size=37, num_hidden_layers=1, num_attention_heads=4,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    prior = PriorTransformer(
        num_attention_heads=2, attention_head_dim=16, embedding_dim=_WIDTH, num_embeddings=32,
        embedding_proj_dim=_WIDTH, time_embed_dim=64, num_layers=1, clip_embed_dim=2 * _WIDTH,
        additional_embeddings=0, time_embed_act_fn="gelu", norm_in_type="layer",
        embedding_proj_norm_type=None, encoder_hid_proj_type=None, added_emb_type=None,
    )  # fmt: skip
    renderer = ShapERenderer(
        param_shapes=((8, 93), (8, 8), (8, 8), (8, 8)), d_latent=_WIDTH, d_hidden=8, n_output=12,
        background=(0.1, 0.1, 0.1),
    )  # fmt: skip
    with torch.no_grad():
        # So large that distances change their sign somewhere: there is a surface.
        for weights in renderer.params_proj.parameters():
            weights.mul_(40)
        for layer in renderer.mlp.mlp:
            layer.weight.mul_(4)
            layer.bias.zero_()
    pipeline = ShapEPipeline(
        prior=prior,
        text_encoder=CLIPTextModelWithProjection(text),
        tokenizer=tokenizer,
        scheduler=HeunDiscreteScheduler(
            beta_schedule="exp", num_train_timesteps=1024, prediction_type="sample", use_karras_sigmas=True,
            clip_sample=True, clip_sample_range=1.0,
        ),
        shap_e_renderer=renderer,
    )  # fmt: skip
    pipeline.save_pretrained(folder, safe_serialization=True)
    return folder
