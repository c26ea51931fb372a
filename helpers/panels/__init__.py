"""The live panels that the chapters show: each is a widget that computes with the chapter's own helper."""

from helpers.panels.attention_panel import AttentionPanel
from helpers.panels.bert_attention_panel import BertAttentionPanel
from helpers.panels.classification_panel import ClassificationPanel
from helpers.panels.multi_head_panel import MultiHeadPanel
from helpers.panels.next_token_panel import NextTokenPanel
from helpers.panels.scaling_panel import ScalingPanel
from helpers.panels.self_attention_panel import SelfAttentionPanel
from helpers.panels.sentence_map_panel import SentenceMapPanel
from helpers.panels.summary_panel import SummaryPanel
from helpers.panels.translation_panel import TranslationPanel

__all__ = [
    "AttentionPanel",
    "BertAttentionPanel",
    "ClassificationPanel",
    "MultiHeadPanel",
    "NextTokenPanel",
    "ScalingPanel",
    "SelfAttentionPanel",
    "SentenceMapPanel",
    "SummaryPanel",
    "TranslationPanel",
]
