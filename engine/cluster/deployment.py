"""Deploying the engine on Ray Serve: replicas, and the indexer that they follow."""

from __future__ import annotations

import hashlib
import logging
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from engine import settings as settings_module
from engine.cluster.connection import first_line, import_ray
from engine.cluster.indexer import Indexer
from engine.cluster.replica import Replica
from engine.errors import ClusterError
from engine.settings import EngineSettings

log = logging.getLogger(__name__)

APPLICATION, DEPLOYMENT, INDEXER = "kindred", "Replica", "kindred-indexer"
ONGOING = 8  # requests that a replica takes at once: one is computed, others are decoded or looked up
TARGET_ONGOING = 2  # a replica; with more, Ray adds one, up to KINDRED_MAX_REPLICAS
# Seconds of more load, or of less, before a replica is added or removed. Ray waits ten minutes to remove one;
# but it takes the memory of a network, and another one starts in 20 seconds.
UPSCALE_DELAY, DOWNSCALE_DELAY = 10.0, 120.0
DEPLOY_ATTEMPTS, DEPLOY_PAUSE = 12, 5.0  # seconds between them: another replica starts in 20 seconds
OPTIONS: dict[str, Any] = {
    "max_ongoing_requests": ONGOING,
    "health_check_period_s": 10.0,
    "health_check_timeout_s": 30.0,
    "graceful_shutdown_timeout_s": 30.0,  # that a replica which is replaced may take for what it has begun
    "ray_actor_options": {"num_cpus": 1},
}


class ReplicaStatus(NamedTuple):
    """The replicas of the engine.

    Attributes:
        running: those that answer.
        wanted: those that there should be.
        message: what Ray says of it, one line; empty if there is nothing to say.
        has_died: whether Ray says so of one that answered.
    """

    running: int
    wanted: int
    message: str
    has_died: bool = False


def replica_settings(settings: EngineSettings) -> EngineSettings:
    """Return what a replica needs of the settings: no secret of the bot leaves its process.

    The address of the database holds a password, and is needed only where the index is there.
    """
    fields = {name: getattr(settings, name) for name in EngineSettings.model_fields}
    own: dict[str, Any] = {"threads": 1, "fetch": False}
    if settings.index == "annoy":
        own |= {"database_url": None, "database_url_file": None}
    return EngineSettings.model_construct(**fields | own)


def deploy(settings: EngineSettings) -> Any:  # noqa: ANN401 - Ray's handle
    """Deploy the engine, unless it runs with these settings, weights and code; wait until replicas answer.

    With other ones Ray replaces the replicas one by one, and requests go on being answered. Several processes
    may call this at once.

    Returns:
        A `ray.serve.handle.DeploymentHandle` of the replicas.

    Raises:
        ClusterError: no replica starts.
    """
    import_ray()
    from ray import serve

    own = replica_settings(settings)
    version = _version(own)
    serve.start(proxy_location="Disabled", logging_config={"log_level": "WARNING"})
    logging.getLogger("ray.serve").setLevel(logging.ERROR)  # Ray sets it when it starts
    _start_indexer(own, version)
    # Without a version Ray takes every deployment for a new one, and replaces all replicas.
    deployment = serve.deployment(Replica).options(
        name=DEPLOYMENT, version=version, _internal=True, **OPTIONS, **_size(settings)
    )
    return _run(deployment.bind(own))


def replica_status() -> ReplicaStatus | None:
    """Return how many replicas answer; None if the engine is not deployed."""
    from ray import serve

    application = serve.status().applications.get(APPLICATION)
    if application is None or DEPLOYMENT not in application.deployments:
        return None
    deployment = application.deployments[DEPLOYMENT]
    states = deployment.replica_states
    message = deployment.message or application.message
    has_died = deployment.status_trigger == "HEALTH_CHECK_FAILED"
    return ReplicaStatus(states.get("RUNNING", 0), sum(states.values()), " ".join(message.split()), has_died)


def _run(application: Any) -> Any:  # noqa: ANN401 - Ray has no types
    """Run an application, and return its handle.

    Ray takes a deployment for failed if a replica dies while it is made, which has answered before and is
    replaced: then it is made once more.

    Raises:
        ClusterError: no replica starts.
    """
    from ray import serve

    attempts = DEPLOY_ATTEMPTS
    while True:
        attempts -= 1
        try:
            return serve.run(application, name=APPLICATION, route_prefix=None)
        except RuntimeError as error:
            status = replica_status()
            if not (attempts and status and status.has_died):
                reason = status.message if status else first_line(error)
                raise ClusterError(f"No replica of the engine starts: {reason}") from error
            log.warning("A replica died while the engine was deployed, which is done once more.")
            time.sleep(DEPLOY_PAUSE)


def _size(settings: EngineSettings) -> dict[str, Any]:
    """Return how many replicas there are, and how many requests each front may have waiting."""
    waiting, least, most = settings.waiting, settings.replicas, settings.max_replicas or settings.replicas
    if least == most:
        return {"max_queued_requests": waiting, "num_replicas": least}
    scaling = {
        "min_replicas": least, "max_replicas": most, "target_ongoing_requests": TARGET_ONGOING,
        "upscale_delay_s": UPSCALE_DELAY, "downscale_delay_s": DOWNSCALE_DELAY,
    }  # fmt: skip
    return {"max_queued_requests": waiting, "autoscaling_config": scaling}


def _start_indexer(settings: EngineSettings, version: str) -> None:
    """Start the indexer of these settings, in the place of one of others, and wait until it serves images.

    Raises:
        ClusterError: it cannot index.
    """
    ray = import_ray()
    name = f"{INDEXER}-{version}"
    for other in ray.util.list_named_actors():
        if other.startswith(INDEXER) and other != name:
            with suppress(ValueError):  # another process was faster
                ray.kill(ray.get_actor(other))
    # Detached: without that it would end with the last handle to it.
    actor = ray.remote(Indexer).options(
        name=name, get_if_exists=True, lifetime="detached", num_cpus=0, max_restarts=-1
    )
    try:
        ray.get(actor.remote(settings).progress.remote())
    except ray.exceptions.RayError as error:
        raise ClusterError(f"The gallery cannot be indexed: {first_line(error)}") from error


def _version(settings: EngineSettings) -> str:
    """Return a digest of all that replicas are made of: settings, weights and code."""
    digest = hashlib.sha256(settings.model_dump_json(exclude={"replicas", "max_replicas"}).encode())
    digest.update((settings.artifact / "manifest.json").read_bytes())
    for module in sorted(Path(settings_module.__file__).parent.rglob("*.py")):
        digest.update(module.read_bytes())
    return digest.hexdigest()[:16]
