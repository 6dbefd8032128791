"""Settings are read from the environment, and every mistake in it is named."""

import os
import pwd
from pathlib import Path

import pytest
from pydantic import ValidationError

from bot import logs
from bot.contradictions import tight_limits
from bot.credentials import SettingsError
from bot.settings import Settings, unknown_variables
from engine.settings import EngineSettings

TOKEN = "123456:" + "A" * 35


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [*os.environ]:
        if name.startswith("KINDRED_") or name == "FLICKR8K_DIR":
            monkeypatch.delenv(name)


def test_every_setting_has_a_default() -> None:
    settings = Settings.from_environment()
    assert settings.base_url == "https://api.telegram.org/bot"
    assert settings.playground_port == 8080
    assert settings.concurrency == 64
    assert settings.token is None
    assert settings.flickr8k is None


def test_two_threads_compute_where_there_are_two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    for cores, threads in (({3}, 1), ({0, 5}, 2), ({1, 2, 3, 4}, 2)):
        allowed = {0: cores, 1: {0, 1, 2, 3, 4, 5}}  # of this process, and of another
        monkeypatch.setattr(os, "sched_getaffinity", allowed.__getitem__, raising=False)
        assert EngineSettings().threads == threads


def test_all_cores_count_where_a_process_has_no_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    for cores, threads in ((None, 1), (1, 1), (2, 2), (64, 2)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert EngineSettings().threads == threads


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


def test_every_mistake_is_named_on_its_own_line(monkeypatch: pytest.MonkeyPatch) -> None:
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


def test_a_missing_token_explains_how_to_get_one() -> None:
    with pytest.raises(SettingsError, match=r"KINDRED_TOKEN.*BotFather.*python -m bot demo"):
        Settings.from_environment().read_token()


def test_files_come_from_the_same_server_as_the_methods(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings.from_environment().base_file_url == "https://api.telegram.org/file/bot"
    monkeypatch.setenv("KINDRED_BASE_URL", "http://10.0.0.7:8081/telegram/bot")
    assert Settings.from_environment().base_file_url == "http://10.0.0.7:8081/telegram/file/bot"
    monkeypatch.setenv("KINDRED_BASE_FILE_URL", "http://10.0.0.8/files")
    assert Settings.from_environment().base_file_url == "http://10.0.0.8/files"


def test_the_token_may_come_from_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n")
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path / "token"))
    assert Settings.from_environment().read_token() == TOKEN


@pytest.mark.parametrize("content", [None, b"", b"  \n", b"\xff\xfe", b"\xef\xbb\xbf\n"])
def test_a_token_file_without_a_token_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "token").write_bytes(content)
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path / "token"))
    with pytest.raises(SettingsError, match=r"^KINDRED_TOKEN_FILE: ") as caught:
        Settings.from_environment().read_token()
    assert "\n" not in str(caught.value)


def test_a_byte_order_mark_before_a_token_is_no_part_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "token").write_text(f"{TOKEN}\n", encoding="utf-8-sig")
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path / "token"))
    assert Settings.from_environment().read_token() == TOKEN


@pytest.mark.parametrize("name", ["KINDRED_ALLOW", "KINDRED_DENY", "KINDRED_ADMINS"])
@pytest.mark.parametrize("ids", [",", " ", " , ,"])
def test_a_list_that_names_nobody_is_refused_and_not_read_as_everybody(
    monkeypatch: pytest.MonkeyPatch, name: str, ids: str
) -> None:
    monkeypatch.setenv(name, ids)
    with pytest.raises(SettingsError, match=f"^{name}: This names nobody") as caught:
        Settings.from_environment()
    assert "\n" not in str(caught.value)
    monkeypatch.setenv(name, "7, 8,")
    assert getattr(Settings.from_environment(), name.removeprefix("KINDRED_").lower()) == {7, 8}


@pytest.mark.parametrize(
    ("environment", "line"),
    [
        ({"KINDRED_ALLOW": "7,8", "KINDRED_DENY": "8,9"}, r"^KINDRED_DENY: 8 is also in KINDRED_ALLOW"),
        ({"KINDRED_ADMINS": "7,8", "KINDRED_DENY": "7,8"}, r"^KINDRED_DENY: 7, 8 are also in KINDRED_ADMINS"),
        (
            {"KINDRED_WEBHOOK_URL": "https://kindred.example/hook", "KINDRED_WEB_PORT": "8443"},
            r"^KINDRED_WEB_PORT: 8443 is also KINDRED_WEBHOOK_PORT",
        ),
        (
            {
                "KINDRED_DATABASE_URL": "postgresql://db/kindred",
                "KINDRED_WEBHOOK_URL": "https://kindred.example/hook",
            },
            r"^KINDRED_WEBHOOK_SECRET: not set",
        ),
        (
            {"KINDRED_REPLICAS": "3", "KINDRED_MAX_REPLICAS": "2"},
            r"^KINDRED_MAX_REPLICAS: 2 is less than KINDRED_REPLICAS, 3",
        ),
        ({"KINDRED_RAY_ADDRESS": "10.0.0.1"}, r"^KINDRED_RAY_ADDRESS: This is no address of a Ray cluster"),
        ({"KINDRED_ENGINE": "far away"}, r"^KINDRED_ENGINE: Input should be 'local' or 'ray'"),
        ({"KINDRED_INDEX": "postgresql"}, r"^KINDRED_INDEX: postgresql needs a database"),
    ],
)
def test_settings_that_contradict_each_other_are_one_line(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], line: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=line) as caught:
        Settings.from_environment()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "variable", ["KINDRED_HOME", "KINDRED_GALLERY", "KINDRED_TOKEN_FILE", "FLICKR8K_DIR"]
)
def test_a_tilde_in_a_path_is_the_users_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv(variable, "~/here")
    assert tmp_path / "here" in Settings.from_environment().model_dump().values()


def test_a_user_without_a_home_folder_is_told_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown_user(_: int) -> pwd.struct_passwd:
        raise KeyError("no such user")

    for name in ("HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", unknown_user)
    with pytest.raises(SettingsError, match=r"^KINDRED_HOME: .*no home folder") as caught:
        Settings.from_environment()
    assert "\n" not in str(caught.value)
    monkeypatch.setenv("KINDRED_HOME", "/var/lib/kindred")
    assert Settings.from_environment().home == Path("/var/lib/kindred")


def test_a_token_and_a_token_file_exclude_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    monkeypatch.setenv("KINDRED_TOKEN_FILE", str(tmp_path))
    with pytest.raises(SettingsError, match="not both"):
        Settings.from_environment().read_token()


def test_the_token_is_in_no_representation_of_the_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", TOKEN)
    settings = Settings.from_environment()
    assert TOKEN not in repr(settings) + str(settings) + settings.model_dump_json()


@pytest.mark.parametrize(
    "address", ["ftp://example.org", "example.org", "https://", "http://[::1", "http://a b"]
)
def test_a_malformed_url_is_refused_with_an_explanation(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv("KINDRED_GALLERY_URL", address)
    with pytest.raises(SettingsError, match=r"^KINDRED_GALLERY_URL: .*begins with http") as caught:
        Settings.from_environment()
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "token", ["secret", "12345:abc def", "12345:abc\nKINDRED", "12345:äöü", "bot12345:abc"]
)
def test_a_malformed_token_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch, token: str) -> None:
    monkeypatch.setenv("KINDRED_TOKEN", token)
    with pytest.raises(SettingsError, match="BotFather") as caught:
        Settings.from_environment().read_token()
    assert token not in str(caught.value)


def test_an_unknown_variable_names_the_closest_setting() -> None:
    (warning,) = unknown_variables({"KINDRED_TOKNE": "x", "KINDRED_TOKEN": "x", "HOME": "/"})
    assert warning.startswith("KINDRED_TOKNE: there is no such setting")
    assert warning.endswith("Did you mean KINDRED_TOKEN?")
    (warning,) = unknown_variables({"KINDRED_FLICKR8K_DIR": "x"})
    assert warning.endswith("Did you mean FLICKR8K_DIR?")
    (warning,) = unknown_variables({"KINDRED_WALRUS": "x"})
    assert "mean" not in warning


def test_the_web_front_is_off_by_default_and_no_key_is_asked_for_while_it_is() -> None:
    settings = Settings.from_environment()
    assert (settings.web_port, settings.web_host) == (0, "127.0.0.1")
    assert settings.read_web_key() is None


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "192.168.1.7", "kindred.example", "127.0.0.1", "localhost"]
)
def test_a_web_front_needs_a_key(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("KINDRED_WEB_PORT", "8090")
    monkeypatch.setenv("KINDRED_WEB_HOST", host)
    with pytest.raises(SettingsError, match=r"^KINDRED_WEB_KEY: not set.*openssl"):
        Settings.from_environment().read_web_key()
    monkeypatch.setenv("KINDRED_WEB_KEY", "open sesame, please\n")
    assert Settings.from_environment().read_web_key() == "open sesame, please"


@pytest.mark.parametrize("key", ["x", "fifteen letters"])
def test_a_short_web_key_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    monkeypatch.setenv("KINDRED_WEB_PORT", "8090")
    monkeypatch.setenv("KINDRED_WEB_KEY", key)
    with pytest.raises(SettingsError, match=r"^KINDRED_WEB_KEY: .*16 characters.*openssl"):
        Settings.from_environment().read_web_key()


def test_a_web_key_of_sixteen_characters_is_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_WEB_KEY", "sixteen letters.")
    assert Settings.from_environment().read_web_key() == "sixteen letters."


@pytest.mark.parametrize("host", ["nginx", ",", "10.0.0.0/33"])
def test_trusted_proxies_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("KINDRED_WEB_PROXIES", "127.0.0.1, 10.0.0.0/8,fd00::/8")
    proxies = [str(proxy) for proxy in Settings.from_environment().web_proxies]
    assert proxies == ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"]
    monkeypatch.setenv("KINDRED_WEB_PROXIES", host)
    with pytest.raises(SettingsError, match=r"^KINDRED_WEB_PROXIES: "):
        Settings.from_environment()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.7", "kindred.example"])
def test_a_playground_open_to_others_needs_the_option_too(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("KINDRED_PLAYGROUND_HOST", host)
    settings = Settings.from_environment()
    with pytest.raises(SettingsError, match=r"^KINDRED_PLAYGROUND_HOST: .*--open-to-others") as caught:
        settings.read_playground_host(open_to_others=False)
    assert "\n" not in str(caught.value)
    assert settings.read_playground_host(open_to_others=True) == host


def test_servers_are_bound_to_this_machine_by_default() -> None:
    settings = Settings.model_construct()
    assert {settings.web_host, settings.webhook_host, settings.playground_host} == {"127.0.0.1"}


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_a_playground_on_loopback_needs_no_option(monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    monkeypatch.setenv("KINDRED_PLAYGROUND_HOST", host)
    assert Settings.from_environment().read_playground_host(open_to_others=False) == host


def test_the_key_may_come_from_a_file_and_is_in_no_representation_of_the_settings(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("open sesame, please\n")
    monkeypatch.setenv("KINDRED_WEB_KEY_FILE", str(tmp_path / "key"))
    assert Settings.from_environment().read_web_key() == "open sesame, please"
    monkeypatch.setenv("KINDRED_WEB_KEY", "open sesame, please")
    settings = Settings.from_environment()
    assert "open sesame, please" not in repr(settings) + settings.model_dump_json()
    with pytest.raises(SettingsError, match=r"KINDRED_WEB_KEY and KINDRED_WEB_KEY_FILE: .*not both"):
        settings.read_web_key()


def test_a_blank_key_is_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_WEB_KEY", "  ")
    with pytest.raises(SettingsError, match="KINDRED_WEB_KEY is empty"):
        Settings.from_environment().read_web_key()


def test_admins_are_ids_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_ADMINS", "5000000001, 17,")
    monkeypatch.setenv("KINDRED_STORAGE_CHAT", "-1002000000001")
    settings = Settings.from_environment()
    assert settings.admins == {5_000_000_001, 17}
    assert settings.storage_chat == -1_002_000_000_001
    monkeypatch.setenv("KINDRED_ALLOW", "17,-1002000000001")
    monkeypatch.setenv("KINDRED_DENY", "18")
    settings = Settings.from_environment()
    assert (settings.allow, settings.deny, settings.quota) == ({17, -1_002_000_000_001}, {18}, None)
    monkeypatch.setenv("KINDRED_ADMINS", "ada")
    with pytest.raises(SettingsError, match=r"^KINDRED_ADMINS: "):
        Settings.from_environment()


@pytest.mark.parametrize("secret", ["x", "only-Telegram_knows1", "A" * 256])
def test_a_webhook_secret_that_telegram_takes_is_used(monkeypatch: pytest.MonkeyPatch, secret: str) -> None:
    monkeypatch.setenv("KINDRED_WEBHOOK_SECRET", secret)
    assert Settings.from_environment().read_webhook_secret() == secret


@pytest.mark.parametrize("secret", ["two words", "café", "dot.", "new\nline", "A" * 257])
def test_a_webhook_secret_that_telegram_would_refuse_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, secret: str
) -> None:
    (tmp_path / "secret").write_text(secret)
    monkeypatch.setenv("KINDRED_WEBHOOK_SECRET_FILE", str(tmp_path / "secret"))
    with pytest.raises(SettingsError, match=r"^KINDRED_WEBHOOK_SECRET: .*1 to 256 letters") as caught:
        Settings.from_environment().read_webhook_secret()
    assert secret not in str(caught.value)


def test_a_webhook_has_a_long_random_secret_by_default_which_no_log_shows() -> None:
    settings = Settings.from_environment()
    first, second = settings.read_webhook_secret(), settings.read_webhook_secret()
    assert first != second
    assert len(first) == len(second) == 43  # 32 random bytes, in six bits a character
    assert logs.redact(f"{first} {second}") == "[KINDRED_WEBHOOK_SECRET] [KINDRED_WEBHOOK_SECRET]"


def test_a_secret_that_was_read_is_in_no_log(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_WEB_KEY", "mellon, said Gandalf")
    assert Settings.from_environment().read_web_key() == "mellon, said Gandalf"
    assert logs.redact("the key is mellon, said Gandalf") == "the key is [KINDRED_WEB_KEY]"


@pytest.mark.parametrize("name", ["KINDRED_GRACE", "KINDRED_RESCAN"])
@pytest.mark.parametrize("seconds", ["inf", "nan", "-1"])
def test_seconds_are_a_number(monkeypatch: pytest.MonkeyPatch, name: str, seconds: str) -> None:
    monkeypatch.setenv(name, seconds)
    with pytest.raises(SettingsError, match=f"^{name}: "):
        Settings.from_environment()


def test_a_webhooks_port_matters_only_where_there_is_a_webhook(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_WEB_PORT", "8443")
    assert Settings.from_environment().web_port == 8443
    monkeypatch.setenv("KINDRED_WEBHOOK_URL", "https://kindred.example/hook")
    monkeypatch.setenv("KINDRED_WEB_PORT", "8444")
    assert Settings.from_environment().web_port == 8444


@pytest.mark.parametrize("suffix", ["", "_FILE"])
def test_processes_that_share_a_database_and_a_secret_may_share_a_webhook(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, suffix: str
) -> None:
    for name, value in (("DATABASE_URL", "postgresql://db/kindred"), ("WEBHOOK_SECRET", "of-both")):
        (tmp_path / name).write_text(value)
        monkeypatch.setenv(f"KINDRED_{name}{suffix}", str(tmp_path / name) if suffix else value)
    monkeypatch.setenv("KINDRED_WEBHOOK_URL", "https://kindred.example/hook")
    settings = Settings.from_environment()
    assert settings.names_database
    assert (settings.read_database_url(), settings.read_webhook_secret()) == (
        "postgresql://db/kindred",
        "of-both",
    )


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_the_password_of_the_database_is_in_no_log(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    url = f"{scheme}://ada:open%20sesame@db/kindred"
    monkeypatch.setenv("KINDRED_DATABASE_URL", url)
    assert Settings.from_environment().read_database_url() == url
    assert logs.redact("FATAL: not open sesame") == "FATAL: not [KINDRED_DATABASE_URL]"


@pytest.mark.parametrize(
    "url", ["mysql://ada:open-sesame@db/kindred", "kindred.sqlite3", "postgresql://[::1/"]
)
def test_an_address_of_no_postgresql_is_refused_and_not_repeated(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("KINDRED_DATABASE_URL", url)
    with pytest.raises(SettingsError, match=r"^KINDRED_DATABASE_URL: this is no address") as caught:
        Settings.from_environment().read_database_url()
    assert url not in str(caught.value)


def test_an_index_in_the_database_contradicts_nothing_where_there_is_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("KINDRED_INDEX", "postgresql")
    monkeypatch.setenv("KINDRED_DATABASE_URL", "postgresql://db/kindred")
    assert Settings.from_environment().names_database


def test_without_the_address_of_a_database_there_is_none() -> None:
    settings = Settings.from_environment()
    assert not settings.names_database
    assert settings.read_database_url() is None


def test_as_many_requests_may_wait_as_chats_may_ask_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_WAITING", "64")
    assert [*tight_limits(Settings.from_environment())] == []
    monkeypatch.setenv("KINDRED_WAITING", "63")
    (line,) = tight_limits(Settings.from_environment())
    assert line.startswith("KINDRED_WAITING: only 63")


def test_a_setting_is_named_as_its_field_in_code(tmp_path: Path) -> None:
    assert Settings(flickr8k=tmp_path).flickr8k == tmp_path  # type: ignore[call-arg]


def test_what_was_typed_by_mistake_is_in_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KINDRED_ADMINS", TOKEN)  # a secret in the wrong variable
    with pytest.raises(ValidationError) as caught:
        Settings()
    assert TOKEN not in str(caught.value)
