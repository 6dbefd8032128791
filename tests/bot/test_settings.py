"""The environment is read once, and every mistake in it is named."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from bot.settings import Settings, SettingsError, unknown_variables

TOKEN = "123456:" + "A" * 35


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        *unknown_variables(),
        *(f"KINDRED_{name.upper()}" for name in Settings.model_fields),
        "FLICKR8K_DIR",
    ):
        monkeypatch.delenv(name, raising=False)


def test_without_an_environment_every_setting_has_a_value() -> None:
    settings = Settings.from_environment()
    assert settings.base_url == "https://api.telegram.org/bot"
    assert settings.playground_port == 8080
    assert settings.concurrency == 64
    assert settings.token is None
    assert settings.flickr8k is None


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", f" {TOKEN}\n")
    monkeypatch.setenv("KINDRED_CONCURRENCY", "7")
    monkeypatch.setenv("FLICKR8K_DIR", "/photos")
    settings = Settings.from_environment()
    assert settings.read_token() == TOKEN
    assert settings.concurrency == 7
    assert settings.flickr8k == Path("/photos")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings.from_environment().concurrency = 3  # type: ignore[misc]


def test_an_empty_variable_counts_as_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_PLAYGROUND_PORT", "")
    monkeypatch.setenv("KINDRED_TOKEN", "")
    monkeypatch.setenv("FLICKR8K_DIR", "")
    settings = Settings.from_environment()
    assert (settings.playground_port, settings.token, settings.flickr8k) == (8080, None, None)


def test_every_mistake_is_named_on_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_PLAYGROUND_PORT", "eighty")
    monkeypatch.setenv("KINDRED_CONCURRENCY", "0")
    monkeypatch.setenv("KINDRED_BASE_URL", "ftp://example.org")
    monkeypatch.setenv("KINDRED_LOG_LEVEL", "LOUD")
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment()
    lines = str(caught.value).splitlines()
    assert sorted(line.partition(":")[0] for line in lines) == [
        "KINDRED_BASE_URL",
        "KINDRED_CONCURRENCY",
        "KINDRED_LOG_LEVEL",
        "KINDRED_PLAYGROUND_PORT",
    ]
    assert all(len(line.partition(": ")[2]) > 10 for line in lines)


def test_a_missing_token_says_where_tokens_come_from() -> None:
    with pytest.raises(SettingsError, match=r"KINDRED_TOKEN.*BotFather.*python -m bot demo"):
        Settings.from_environment().read_token()


def test_the_token_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path / "token"))
    assert Settings.from_environment().read_token() == TOKEN


@pytest.mark.parametrize("content", [None, b"", b"  \n", b"\xff\xfe"])
def test_a_token_file_without_a_token_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(SettingsError, match=r"^KINDRED_TOKEN_FILE: ") as caught:
        Settings.from_environment().read_token()
    assert "\n" not in str(caught.value)


def test_two_tokens_are_one_too_many(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path))
    with pytest.raises(SettingsError, match="not both"):
        Settings.from_environment().read_token()


def test_the_token_is_in_no_text_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    settings = Settings.from_environment()
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()


def test_misspelt_variables_are_noticed() -> None:
    assert unknown_variables({"KINDRED_TOKNE": "x", "KINDRED_TOKEN": "x", "HOME": "/"}) == ("KINDRED_TOKNE",)
