"""The live panels that the chapters show: each is a widget that computes with the chapter's own helper."""

from helpers.panels.attention_panel import AttentionPanel
from helpers.panels.multi_head_panel import MultiHeadPanel
from helpers.panels.scaling_panel import ScalingPanel
from helpers.panels.self_attention_panel import SelfAttentionPanel

__all__ = ["AttentionPanel", "MultiHeadPanel", "ScalingPanel", "SelfAttentionPanel"]
