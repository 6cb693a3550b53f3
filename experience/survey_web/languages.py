"""The page's own words, and which language a customer reads."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

from werkzeug.datastructures import LanguageAccept

from experience.questionnaires.yaml_format import BASE_LANGUAGE
from experience.survey_web.items import Item

FOLDER = Path(__file__).parent / "locales"
# By their file; another language of a questionnaire has the words of the first.
LOCALES = ("en", "zh-TW")
RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur"})
NATIVE_NAMES = {
    **{"en": "English", "zh-tw": "繁體中文", "zh-hant": "繁體中文", "zh-hk": "繁體中文", "zh-cn": "简体中文"},
    **{"zh-hans": "简体中文", "ja": "日本語", "ko": "한국어", "de": "Deutsch", "fr": "Français", "es": "Español"},
    **{"pt": "Português", "it": "Italiano", "nl": "Nederlands", "vi": "Tiếng Việt", "th": "ไทย", "ar": "العربية"},
    **{"id": "Bahasa Indonesia", "ms": "Bahasa Melayu", "pl": "Polski", "tr": "Türkçe", "ru": "Русский"},
}

Locale = Mapping[str, str]


def languages_of(items: Iterable[Item]) -> tuple[str, ...]:
    """The languages that questions are written in, the base language first."""
    spoken = {language for item in items for language in item.words}
    return (BASE_LANGUAGE, *sorted(spoken - {BASE_LANGUAGE}))


def choose(available: Iterable[str], wanted: Iterable[str | None], accepted: LanguageAccept) -> str:
    """The first wanted language that there is, then what the browser accepts, then the base language."""
    known = {language.lower(): language for language in available}
    for tag in (*wanted, *accepted.values()):
        parts = (tag or "").lower().replace("_", "-").split("-")
        for size in range(len(parts), 0, -1):
            if match := known.get("-".join(parts[:size])):
                return match
        if match := next((known[language] for language in known if language.split("-")[0] == parts[0]), None):
            return match
    return BASE_LANGUAGE


def locale_for(language: str) -> Locale:
    """The page's own words for one who reads this language."""
    return _locale(choose(LOCALES, [language], LanguageAccept()))


def native_name(language: str) -> str:
    return NATIVE_NAMES.get(language) or NATIVE_NAMES.get(language.partition("-")[0]) or language


def tag_of(language: str) -> str:
    """As HTML writes it: `zh-TW`."""
    primary, _, region = language.partition("-")
    return f"{primary}-{region.upper() if len(region) == 2 else region.title()}" if region else primary


def direction(language: str) -> str:
    return "rtl" if language.partition("-")[0] in RIGHT_TO_LEFT else "ltr"


def in_language(texts: Mapping[str, str], language: str) -> str:
    """An organisation's own words in a language; else in the base language, else none."""
    by_tag = {tag.lower(): text for tag, text in texts.items()}
    return by_tag.get(language) or by_tag.get(BASE_LANGUAGE, "")


@cache
def _locale(name: str) -> Locale:
    return _flat(json.loads((FOLDER / f"{name}.json").read_text("utf-8")))


def _flat(words: Mapping[str, object], prefix: str = "") -> dict[str, str]:
    """`{"errors": {"date": …}}` as `{"errors.date": …}`."""
    flat: dict[str, str] = {}
    for key, value in words.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}": str(value)}
    return flat
