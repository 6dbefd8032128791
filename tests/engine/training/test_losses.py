from __future__ import annotations

import math

import torch

from engine.training.losses import LABEL_SMOOTHING, caption_loss, contrastive_loss, distillation_loss


def test_contrastive_loss_of_equal_embeddings_is_the_logarithm_of_the_batch_size() -> None:
    image, text = torch.ones(4, 8), torch.ones(8, 8)
    # A photo has eight captions to choose from, a caption four photos.
    expected = (math.log(8) + math.log(4)) / 2
    torch.testing.assert_close(contrastive_loss(image, text, torch.tensor(1.0)), torch.tensor(expected))


def test_contrastive_loss_falls_as_captions_approach_their_photo() -> None:
    image = torch.eye(3)
    right, wrong = image.repeat_interleave(2, 0), image.roll(1, 0).repeat_interleave(2, 0)
    scale = torch.tensor(10.0)
    assert contrastive_loss(image, right, scale) < contrastive_loss(image, wrong, scale)


def test_captions_of_one_photo_are_not_each_others_negatives() -> None:
    image = torch.eye(2)
    text = torch.tensor([[1.0, 0], [1, 0], [0, 1], [0, 1]], requires_grad=True)
    contrastive_loss(image, text, torch.tensor(5.0)).backward()
    assert text.grad is not None
    torch.testing.assert_close(text.grad[0], text.grad[1])
    assert text.grad[0, 0] < 0  # both are pulled towards their photo


def test_caption_loss_ignores_padding() -> None:
    torch.manual_seed(0)
    logits = torch.randn(1, 6, 9)
    short, padded = torch.tensor([[1, 5, 6, 2]]), torch.tensor([[1, 5, 6, 2, 0, 0]])
    torch.testing.assert_close(caption_loss(logits[:, :4], short), caption_loss(logits, padded))


def test_caption_loss_counts_words_outside_the_output_vocabulary_as_unknown() -> None:
    logits = torch.zeros(1, 3, 9)
    logits[..., 3] = 20.0
    assert caption_loss(logits, torch.tensor([[1, 50, 99]])) < 20 * LABEL_SMOOTHING + 0.1


def test_a_teacher_rewards_a_photo_for_fitting_similar_captions_of_other_photos() -> None:
    image = torch.eye(3)
    text = torch.tensor([[1.0, 0, 0], [0.7, 0.7, 0], [0, 0, 1.0]])  # the second also fits the first photo
    teacher = torch.tensor([[1.0, 0.9, 0], [0.9, 1.0, 0], [0, 0, 1.0]])
    scale = torch.tensor(5.0)
    alone = contrastive_loss(image, text, scale)
    shift = contrastive_loss(image, text, scale, teacher) - alone
    assert shift < contrastive_loss(image, text, scale, torch.eye(3).roll(1, 0)) - alone


def test_distillation_loss_is_zero_for_the_teachers_own_embeddings() -> None:
    vectors = torch.randn(4, 8)
    assert abs(float(distillation_loss(3 * vectors, vectors))) < 1e-6
    assert abs(float(distillation_loss(-vectors, vectors)) - 2) < 1e-6
