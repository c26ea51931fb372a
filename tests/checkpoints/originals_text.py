"""The known text of small files of the originals, from which their pinned hashes were computed."""

import json

SENTINELS = [f"<extra_id_{number}>" for number in range(100)]


def _translation(language):
    return {"early_stopping": True, "max_length": 300, "num_beams": 4, "prefix": f"translate English to {language}: "}


CONFIGS = {
    "bert-base-uncased": {
        "architectures": ["BertForMaskedLM"],
        "attention_probs_dropout_prob": 0.1,
        "gradient_checkpointing": False,
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "hidden_size": 768,
        "initializer_range": 0.02,
        "intermediate_size": 3072,
        "layer_norm_eps": 1e-12,
        "max_position_embeddings": 512,
        "model_type": "bert",
        "num_attention_heads": 12,
        "num_hidden_layers": 12,
        "pad_token_id": 0,
        "position_embedding_type": "absolute",
        "transformers_version": "4.6.0.dev0",
        "type_vocab_size": 2,
        "use_cache": True,
        "vocab_size": 30522,
    },
    "gpt2": {
        "activation_function": "gelu_new",
        "architectures": ["GPT2LMHeadModel"],
        "attn_pdrop": 0.1,
        "bos_token_id": 50256,
        "embd_pdrop": 0.1,
        "eos_token_id": 50256,
        "initializer_range": 0.02,
        "layer_norm_epsilon": 1e-05,
        "model_type": "gpt2",
        "n_ctx": 1024,
        "n_embd": 768,
        "n_head": 12,
        "n_layer": 12,
        "n_positions": 1024,
        "resid_pdrop": 0.1,
        "summary_activation": None,
        "summary_first_dropout": 0.1,
        "summary_proj_to_labels": True,
        "summary_type": "cls_index",
        "summary_use_proj": True,
        "task_specific_params": {"text-generation": {"do_sample": True, "max_length": 50}},
        "vocab_size": 50257,
    },
    "t5-small": {
        "architectures": ["T5ForConditionalGeneration"],
        "d_ff": 2048,
        "d_kv": 64,
        "d_model": 512,
        "decoder_start_token_id": 0,
        "dropout_rate": 0.1,
        "eos_token_id": 1,
        "initializer_factor": 1.0,
        "is_encoder_decoder": True,
        "layer_norm_epsilon": 1e-06,
        "model_type": "t5",
        "n_positions": 512,
        "num_heads": 8,
        "num_layers": 6,
        "output_past": True,
        "pad_token_id": 0,
        "relative_attention_num_buckets": 32,
        "task_specific_params": {
            "summarization": {
                "early_stopping": True,
                "length_penalty": 2.0,
                "max_length": 200,
                "min_length": 30,
                "no_repeat_ngram_size": 3,
                "num_beams": 4,
                "prefix": "summarize: ",
            },
            "translation_en_to_de": _translation("German"),
            "translation_en_to_fr": _translation("French"),
            "translation_en_to_ro": _translation("Romanian"),
        },
        "vocab_size": 32128,
    },
}
TOKENIZERS = {
    "bert-base-uncased": {"do_lower_case": True, "model_max_length": 512},
    "gpt2": {"model_max_length": 1024},
    "t5-small": {
        "additional_special_tokens": SENTINELS,
        "clean_up_tokenization_spaces": True,
        "eos_token": "</s>",
        "extra_ids": 100,
        "model_max_length": 512,
        "pad_token": "<pad>",
        "tokenizer_class": "T5Tokenizer",
        "unk_token": "<unk>",
    },
}
GENERATION = {
    "gpt2": {"bos_token_id": 50256, "eos_token_id": 50256, "transformers_version": "4.26.0.dev0"},
    "t5-small": {"decoder_start_token_id": 0, "eos_token_id": 1, "pad_token_id": 0},
}


def config_text(name):
    """Return the text of config.json as the hub has it."""
    return json.dumps(CONFIGS[name], indent=2) + ("" if name == "gpt2" else "\n")


def tokenizer_text(name):
    """Return the text of tokenizer_config.json as the hub has it."""
    wide = name == "t5-small"
    return json.dumps(TOKENIZERS[name], indent=2 if wide else None) + ("\n" if wide else "")
