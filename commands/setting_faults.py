"""What is wrong with settings, all of it at once: what each part finds, and what a served face lacks."""

from collections.abc import Sequence

from foundation import published
from foundation.settings import PREFIX, Settings, without_credentials
from gadgets.finesse import clusters
from gadgets.journey import caller
from gadgets.origins import allow_list


def judge(settings: Settings, faults: Sequence[str]) -> list[str]:
    """The faults that were found, and every one that the parts find in settings which stand, one a line.

    A setting at fault stands at its default: what the parts would say of that is no news.
    """
    at_fault = {fault.partition(" ")[0] for fault in faults}
    problems = [
        *(f"{PREFIX}{name.upper()}: is required" for name in _missing(settings)),
        *(f"{PREFIX}ALLOWED_ORIGINS: {fault}" for fault in allow_list.faults(settings.allowed_origins)),
        *clusters.faults(settings.finesse_nodes, settings.finesse_origins),
        *caller.faults(settings.customer_variables),
        *published.faults(settings),
        *unusable_senders(settings),
    ]
    return [*faults, *without_credentials([fault for fault in problems if fault.partition(":")[0] not in at_fault])]


def unusable_senders(settings: Settings) -> list[str]:
    """Apprise is a second's work to import, and only for whoever sends SMS."""
    if not settings.sms_url:
        return []
    from experience.dispatch.senders import sms

    problem = sms.SmsSender(settings.sms_url).check()
    return [f"{PREFIX}SMS_URL: {problem}"] if problem else []


def _missing(settings: Settings) -> list[str]:
    """Settings without which a face that is served, or a neighbour that is named, cannot be."""
    required = [name for face in settings.faces for name in Settings.required.get(face, ())]
    if settings.cloudconnect_publisher:
        required += Settings.required["cherrypoint"]
    if settings.wxm_url and not settings.cloudconnect_publisher:
        required += ["wxm_username", "wxm_api_key"]
    if settings.smtp_url:
        required.append("mail_from")
    if (settings.smtp_url or settings.sms_url) and not settings.web_url_prefix:
        required.append("public_url")
    if settings.loopback_origins:
        required.remove("allowed_origins")
    return [name for name in dict.fromkeys(required) if not getattr(settings, name)]
