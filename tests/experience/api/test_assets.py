"""Files of questionnaires: uploaded by writers, streamed to whoever knows the name (docs/cisco/wxm-api.md §8.4)."""

import pytest

from tests.experience.api.client import Client

WAV = b"RIFF\x24\0\0\0WAVEfmt " + b"\0" * 64
FILES = [
    ("prompt.wav", WAV, "audio/wav"),
    ("Prompt.MP3", b"ID3\x04" + b"\0" * 32, "audio/mpeg"),
    ("logo.jpeg", b"\xff\xd8\xff\xe0" + b"\0" * 32, "image/jpeg"),
    ("terms.pdf", b"%PDF-1.7\n", "application/pdf"),
]


def kept(system: Client, filename: str, content: bytes) -> str:
    reply = system.upload("/api/uploadUSERasset/", filename, content, "text/html")
    assert reply.status == 200, reply.data
    name: str = reply.json
    return name


@pytest.mark.parametrize(("filename", "content", "media"), FILES, ids=[name for name, _, _ in FILES])
def test_a_file_comes_back_as_it_is_and_as_nothing_else(
    system: Client, anyone: Client, filename: str, content: bytes, media: str
) -> None:
    name = kept(system, filename, content)
    for path in (f"/api/StreamUserAsset/{name}", f"/API/streamuserasset/{name.replace('.', '-')}/"):
        reply = anyone.get(path)
        assert (reply.status, reply.data, reply.headers["Content-Type"]) == (200, content, media)
        assert reply.headers["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in reply.headers["Content-Security-Policy"]
    saved = anyone.get(f"/api/StreamUserAsset/{name}").headers.get("Content-Disposition", "")
    assert saved.startswith("attachment") == (not media.startswith(("audio/", "image/")))


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        *(("page.html", b"<script>"), ("picture.svg", b"<svg>"), ("page.png", b"<script>"), ("prompt.wav", b"MZ")),
        *(("noending", WAV), ("", WAV), ("empty.wav", b""), ("../../prompt.exe", WAV)),
    ],
)
def test_a_file_of_no_kind_that_is_known_is_refused(system: Client, filename: str, content: bytes) -> None:
    assert system.upload("/api/UploadUserAsset", filename, content).status == 400


def test_a_file_has_its_size(system: Client) -> None:
    megabyte = b"\0" * 1024 * 1024
    assert system.upload("/api/UploadUserAsset", "long.wav", b"RIFF" + megabyte * 3).status == 200
    assert system.upload("/api/UploadUserAsset", "long.wav", b"RIFF" + megabyte * 4).status == 400
    assert system.upload("/api/UploadUserAsset", "long.wav", b"RIFF" + megabyte * 5).status == 413
    assert system.upload("/api/UploadUserAsset", "long.wav", WAV, part="upload").status == 400


def test_only_writers_put_files_in_and_nobody_guesses_a_name(system: Client, desktop: Client, anyone: Client) -> None:
    assert anyone.upload("/api/UploadUserAsset", "a.wav", WAV).error == "invalid_token"
    assert desktop.upload("/api/UploadUserAsset", "a.wav", WAV).error == "insufficient_scope"
    first, second = kept(system, "a.wav", WAV), kept(system, "a.wav", WAV)
    assert first != second
    assert len(first) == len("0123456789abcdef0123456789abcdef.wav")
    assert anyone.get("/api/StreamUserAsset/a.wav").error == "not_found"


def test_whoever_takes_a_survey_may_put_a_few_files_in(system: Client, desktop: Client, anyone: Client) -> None:
    token = system.post("/api/SurveyToken", {"validUses": -1}).json["id"]
    name = anyone.upload(f"/api/UploadUserAsset/{token}", "voice.wav", WAV).json
    location = desktop.get(f"/api/DownloadUserAsset/{name.replace('.', '-')}").json
    assert anyone.get(f"/api/{location}").data == WAV
    assert anyone.get(f"/api/DownloadUserAsset/{name}").error == "invalid_token"
    assert desktop.get("/api/DownloadUserAsset/none-wav").error == "not_found"
    assert anyone.upload("/api/UploadUserAsset/XX-000000000000000000", "voice.wav", WAV).error == "not_found"
    statuses = [anyone.upload(f"/api/UploadUserAsset/{token}", "voice.wav", WAV).status for _ in range(10)]
    assert statuses == [*[200] * 9, 400]
