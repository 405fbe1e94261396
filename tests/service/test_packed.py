from __future__ import annotations

import errno
import io
import struct
import unicodedata
import zipfile
from pathlib import Path
from string import ascii_letters

import pytest
from fastapi.testclient import TestClient
from PIL import Image, UnidentifiedImageError
from tests.service.conftest import jpeg
from tests.service.office import SETTINGS, client_of, work

from meot.answers.listing.group import product_name
from meot.catalogue.jobs import Jobs
from meot.errors import PhotoError
from meot.service import packed, problems
from meot.service.jobs.kinds import build_kinds
from meot.service.packed import Packed
from meot.service.sell import waiting
from meot.service.sell.naming import name_flat
from meot.service.sell.photos import plain_stem
from meot.service.sell.work import DRAFT
from meot.service.uploads import plain_name
from meot.wiring import Shop


def pack(files: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", compression) as packing:
        for name, data in files.items():
            packing.writestr(name, data)
    return written.getvalue()


def opened(data: bytes, most: int = packed.MOST_PHOTOS) -> Packed:
    return Packed(io.BytesIO(data), name="photos.zip", most=most)


def key_of(data: bytes, most: int = packed.MOST_PHOTOS) -> str:
    """Of the sentence with which a ZIP, or the first photo in it, is refused."""
    with pytest.raises(PhotoError) as refused:
        opened(data, most).read(0, most_megabytes=1)
    return problems.kind_of(refused.value).key


def far(offset: int) -> bytes:
    """A photo that is said to lie so many bytes from the ZIP's start, as only a large ZIP may say (zip64)."""
    data = pack({"a.jpg": jpeg()}, zipfile.ZIP_STORED)
    start, end = data.index(b"PK\x01\x02"), data.index(b"PK\x05\x06")
    extra = struct.pack("<HHQ", 1, 8, offset)
    listed = bytearray(data[start:end] + extra)
    struct.pack_into("<H", listed, 30, len(extra))
    struct.pack_into("<I", listed, 42, 0xFFFFFFFF)
    tail = bytearray(data[end:])
    struct.pack_into("<I", tail, 12, len(listed))
    return data[:start] + bytes(listed) + bytes(tail)


def locked(data: bytes) -> bytes:
    """The same ZIP, said to have a password."""
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.index(mark) + place
        data = data[:at] + struct.pack("<H", struct.unpack_from("<H", data, at)[0] | 1) + data[at + 2 :]
    return data


def liar(size: int, says: int) -> bytes:
    """An entry of ``size`` zeros that says it has ``says`` bytes."""
    data = pack({"a.jpg": b"\0" * size})
    return data.replace(struct.pack("<I", size), struct.pack("<I", says))


def test_photos_come_out_whole_with_their_folders_and_without_what_systems_leave_behind() -> None:
    files = {"tops/A1.jpg": b"one", "A2.jpg": b"two", "__MACOSX/._A2.jpg": b"x", ".DS_Store": b"x", "Thumbs.db": b"x"}
    found = opened(pack({**files, "empty/": b""}))
    assert list(found.paths) == ["tops/A1.jpg", "A2.jpg"]
    assert [found.read(place, 1) for place in range(2)] == [b"one", b"two"]


def test_a_path_from_the_folder_itself_hides_nothing() -> None:
    assert list(opened(pack({"./tops/a.jpg": b"one", "./.b.jpg": b"x", "../c.jpg": b"x"})).paths) == ["./tops/a.jpg"]


def test_names_of_a_korean_windows_are_read() -> None:
    data = pack({"AAAA.jpg": b"one"}).replace(b"AAAA.jpg", "셔츠.jpg".encode("cp949"))
    assert list(opened(data).paths) == ["셔츠.jpg"]


@pytest.mark.parametrize(
    ("data", "key"),
    [
        (b"PK\x03\x04 and nothing more", "unpackable"),
        (pack({"a.jpg": jpeg()})[:-30], "unpackable"),
        (locked(pack({"a.jpg": jpeg()})), "unpackable"),
        (pack({"a.jpg": jpeg()}, zipfile.ZIP_LZMA), "unpackable"),
        (pack({"a.jpg": jpeg()}, zipfile.ZIP_BZIP2), "unpackable"),
        (pack({"a.jpg": b"\0" * (5 << 20)}), "upload_too_large"),
        (liar(5 << 20, 900), "unpackable"),
        (liar(900, 5 << 20), "upload_too_large"),
        (liar(900, 1 << 30), "unpacked_too_large"),
        (pack({f"{i}.jpg": b"\0" * (1 << 20) for i in range(513)}), "too_many_photos"),
        (pack({}), "no_photo"),
        (pack({"empty/": b"", ".hidden.jpg": jpeg()}), "no_photo"),
        (pack({"a.jpg": jpeg()}).replace(b"a.jpg", b"\0.jpg"), "no_photo"),
        (far(1 << 62), "unpackable"),
        (far((1 << 64) - 1), "unpackable"),
    ],
    ids=[
        "no ZIP", "cut off", "with a password", "lzma", "bzip2", "large entry", "grows", "says too much", "bomb",
        "many", "empty", "nothing meant", "without a name", "far away", "beyond any file",
    ],
)  # fmt: skip
def test_a_hostile_zip_is_refused_before_it_costs_anything(data: bytes, key: str) -> None:
    assert key_of(data) == key


def test_what_a_zip_unpacks_to_is_bounded_altogether() -> None:
    assert key_of(pack({f"{i}.jpg": b"\0" * (2 << 20) for i in range(300)})) == "unpacked_too_large"


def test_a_list_of_entries_without_end_is_never_read_into_memory() -> None:
    entry = pack({"a" * 60_000: b""})
    listed = entry[entry.index(b"PK\x01\x02") : entry.rindex(b"PK\x05\x06")] * 40
    end = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, 40, 40, len(listed), 0, 0)
    with pytest.raises(PhotoError, match="too long"):
        opened(listed + end)


def test_entries_that_lie_over_one_another_gain_nothing() -> None:
    one = pack({"a.jpg": b"\0" * (1 << 20)})
    start, end = one.index(b"PK\x01\x02"), one.rindex(b"PK\x05\x06")
    count = 600
    tail = struct.pack("<4sHHHHIIH", b"PK\x05\x06", 0, 0, count, count, (end - start) * count, start, 0)
    assert key_of(one[:start] + one[start:end] * count + tail) == "too_many_photos"


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["A12/front.jpg", "A12/IMG_1234.jpg", "B7/1.jpg"], ["A12_front.jpg", "A12_2.jpg", "B7_1.jpg"]),
        (["all/A12/1.jpg", "all/B7.jpg"], ["A12_1.jpg", "B7.jpg"]),
        (["tops/A12_1.jpg", "tops/B7.jpg", "x/C1.jpg"], ["A12_1.jpg", "B7.jpg", "x_1.jpg"]),
        (["coat_1/1.jpg", "coat_2/1.jpg"], ["coat1_1.jpg", "coat2_1.jpg"]),
        (["photo1/a.jpg", "photo2/a.jpg"], ["xphoto1_1.jpg", "xphoto2_1.jpg"]),
        (["../../etc/passwd/a.jpg", "/b.jpg", "c\\d.jpg"], ["passwd_1.jpg", "b.jpg", "c_1.jpg"]),
        (["tops/A12/front.jpg", "bottoms/A12/front.jpg"], ["tops_A12_front.jpg", "bottoms_A12_front.jpg"]),
        (["tops/A12/1.jpg", "tops/B7/1.jpg", "bottoms/A12/1.jpg"], ["tops_A12_1.jpg", "B7_1.jpg", "bottoms_A12_1.jpg"]),
        (["A12/1.jpg", "old/A12/1.jpg"], ["A12_1.jpg", "old_A12_1.jpg"]),
        (["A12_1.jpg", "A12/2.jpg"], ["A12_1.jpg", "A12_2.jpg"]),
        (
            ["tops/A12_front.jpg", "tops/B7.jpg", "bottoms/A12.jpg", "bottoms/A12_2.jpg", "bottoms/C1.jpg"],
            ["tops_A12_front.jpg", "B7.jpg", "bottoms_A12.jpg", "bottoms_A12_2.jpg", "C1.jpg"],
        ),
        (["coat_1/1.jpg", "coat-1/1.jpg"], ["coat1_1.jpg", "coat1x_1.jpg"]),
        (["a/12/1.jpg", "b/12/1.jpg"], ["a12_1.jpg", "b12_1.jpg"]),
        ([unicodedata.normalize("NFD", "겨울 코트/1.jpg"), "모자/1.jpg"], ["겨울 코트_1.jpg", "모자_1.jpg"]),
        (["size:12/1.jpg", "size:13/1.jpg"], ["size12_1.jpg", "size13_1.jpg"]),
        (["one.jpg"], ["one.jpg"]),
        ([], []),
    ],
)
def test_folders_tell_the_products_by_name(paths: list[str], names: list[str]) -> None:
    assert name_flat(paths) == names


@pytest.mark.parametrize(
    "folder",
    ["{}" + " long sleeved" * 6, "long sleeved " * 6 + "{}", "{}/" + "long sleeved " * 6, "{}/" + "sleeve" * 8 + "/F"],
)
@pytest.mark.parametrize("photo", ["1.jpg", "front_detail_close_of_the_whole.jpg"])
def test_long_names_of_folders_stay_those_of_several_products(folder: str, photo: str) -> None:
    paths = [f"{folder.format(f'coat {letter}')}/{photo}" for letter in ascii_letters]
    copies = [plain_stem(plain_name(name)) for name in name_flat(paths)]
    assert len({product_name(copy) for copy in copies}) == len(paths)


@pytest.fixture
def seller(shop: Shop) -> TestClient:
    return client_of(shop, "mina")


def send(client: TestClient, to: str, *files: bytes) -> tuple[int, str]:
    """Status and place of the answer to files that are called what they are not."""
    answer = client.post(to, files=[("photo", (f"{i}.jpg", data, "image/jpeg")) for i, data in enumerate(files)])
    return answer.status_code, answer.headers.get("location", "")


def products(client: TestClient) -> dict[str, int]:
    return {draft["product"]: len(draft["photos"]) for draft in client.get("/api/v1/drafts").json()["drafts"]}


def test_a_zip_of_folders_becomes_drafts_and_what_is_none_is_named(shop: Shop, seller: TestClient) -> None:
    inner = pack({"deep.jpg": jpeg()})
    flat = {"A12/front.jpg": jpeg(), "A12/back.jpg": jpeg(size=(128, 96)), "B7/front.jpg": jpeg((220, 45, 55))}
    odd = {"C1/notes.jpg": b"hello", "C2/nested.jpg": inner, "../../../up.jpg": jpeg(size=(64, 64))}
    assert send(seller, "/sell/photos", pack({**flat, **odd})) == (303, "/sell")
    page = seller.get("/sell").text
    assert page.count("was not taken") == 2
    assert "notes.jpg was not taken" in page
    work(shop)
    found = products(seller)
    assert found == {"A12": 2, "B7": 1}  # what would lead out of the ZIP is not taken at all
    kept = Path(shop.catalogue.place.beside("drafts"))
    assert {path.parent.parent for path in kept.rglob("*.jpg")} == {kept}


def test_folders_of_one_name_in_several_are_several_products(shop: Shop, seller: TestClient) -> None:
    files = {"tops/A12/front.jpg": jpeg(), "tops/A12/back.jpg": jpeg(size=(128, 96)), "tops/B7/1.jpg": jpeg((9, 9, 9))}
    send(seller, "/sell/photos", pack({**files, "bottoms/A12/front.jpg": jpeg((220, 45, 55))}))
    work(shop)
    assert products(seller) == {"tops_A12": 2, "bottoms_A12": 1, "B7": 1}


def test_a_zip_of_photos_comes_into_the_closet(shop: Shop) -> None:
    shopper = client_of(shop, "ana", "shopper")
    assert send(shopper, "/closet/photos", pack({"a.jpg": jpeg(), "b/c.png": jpeg((220, 45, 55))})) == (303, "/closet")
    work(shop)
    assert shopper.get("/api/v1/closet").json()["count"] == 2


def test_several_zips_share_what_may_come_at_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shopper = client_of(shop, "ana", "shopper")
    monkeypatch.setattr(packed, "MOST_PHOTOS", 4)
    three, two = (pack({f"{i}.jpg": jpeg((20 * i, 30, 60)) for i in range(count)}) for count in (3, 2))
    assert send(shopper, "/closet/photos", three, two) == (303, "/closet")
    work(shop)
    page = shopper.get("/closet").text
    assert "1.jpg was not taken. This ZIP holds more than" in page
    assert shopper.get("/api/v1/closet").json()["count"] == 3


@pytest.mark.parametrize("to", ["/closet/photos", "/sell/photos"])
@pytest.mark.parametrize("data", [b"PK\x03\x04", pack({}), pack({"a.jpg": b"no photo"})])
def test_a_zip_without_a_photo_is_explained_on_the_page(seller: TestClient, to: str, data: bytes) -> None:
    answer = seller.post(to, files=[("photo", ("my.zip", data, "application/zip"))])
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text


@pytest.mark.parametrize("to", ["/api/v1/closet", "/api/v1/drafts"])
@pytest.mark.parametrize(
    ("data", "status", "key"),
    [
        (b"PK\x03\x04", 422, "unpackable"),
        (pack({f"{i}.jpg": b"" for i in range(501)}), 413, "too_many_photos"),
        (pack({"a.jpg": b"no photo"}), 415, "not_a_photo"),
        (pack({}), 422, "no_photo"),
    ],
    ids=["no ZIP", "many", "no photo", "empty"],
)
def test_programs_are_told_what_was_wrong_with_it(
    seller: TestClient, to: str, data: bytes, status: int, key: str
) -> None:
    answer = seller.post(to, files=[("photo", ("my.zip", data, "application/zip"))])
    assert (answer.status_code, answer.json()["type"]) == (status, f"urn:meot:problem:{key}")


def test_a_zip_is_no_photo_to_search_with(seller: TestClient) -> None:
    answer = seller.post("/look", files={"photo": ("a.jpg", pack({"a.jpg": jpeg()}), "image/jpeg")})
    assert answer.status_code == 415


def test_metadata_stays_behind_in_a_zip_too(shop: Shop, seller: TestClient) -> None:
    written, exif = io.BytesIO(), Image.Exif()
    exif[0x010E] = "my home"
    Image.open(io.BytesIO(jpeg())).save(written, "JPEG", exif=exif)
    for to, folder in (("/sell/photos", "drafts"), ("/closet/photos", "closet")):
        send(seller, to, pack({"A1.jpg": written.getvalue()}))
        work(shop)
        kept = files_of(shop, folder)
        assert kept
        assert not any(b"my home" in path.read_bytes() for path in kept)


def files_of(shop: Shop, folder: str) -> list[Path]:
    return [path for path in shop.catalogue.place.beside(folder).rglob("*") if path.is_file()]


BAD = jpeg(size=(600, 600))[:1500]
"""Its header is whole, its pixels are not."""


@pytest.mark.parametrize("to", ["closet", "drafts"])
def test_nobody_waits_for_the_pixels_of_a_zip(
    shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    files = {"A/front.jpg": jpeg(), "A/notes.jpg": b"hello", "B/front.jpg": BAD}
    with monkeypatch.context() as waiting:
        waiting.setattr("meot.photos._open", untimely)
        answer = seller.post(f"/api/v1/{to}", files=[("photo", ("my.zip", pack(files), "application/zip"))])
    assert answer.status_code == 202, answer.text
    assert (answer.json()["taken"], [each["name"] for each in answer.json()["refused"]]) == (2, ["notes.jpg"])
    assert work(shop) == 1
    job = seller.get(f"/api/v1/jobs/{answer.json()['job']}").json()
    assert (job["state"], job["done"]) == ("done", job["total"])
    (refused,) = job["result"]["refused"]
    assert (refused["name"], refused["key"]) == ("front.jpg" if to == "closet" else "B_front.jpg", "photo_damaged")
    assert "is damaged" in seller.get("/sell" if to == "drafts" else "/closet").text
    assert len(files_of(shop, to)) == 1  # the one copy, and nothing as it came


def untimely(data: bytes) -> None:
    if data[:2] == b"\xff\xd8":
        raise AssertionError("a request decodes a photo of a ZIP")
    raise UnidentifiedImageError


def test_a_zip_of_damaged_photos_alone_says_so(shop: Shop, seller: TestClient) -> None:
    send(seller, "/sell/photos", pack({"A.jpg": BAD}))
    work(shop)
    assert "A.jpg was not taken. The photo is damaged" in seller.get("/sell").text
    assert files_of(shop, "drafts") == []


def test_drafting_that_died_copies_no_photo_of_a_zip_twice(
    shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(seller, "/sell/photos", pack({"A.jpg": jpeg(), "B.jpg": jpeg((220, 45, 55))}))
    jobs = Jobs(database=shop.catalogue.database)
    job = jobs.take()
    assert job is not None

    def die(done: int, total: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    draft = build_kinds(shop, SETTINGS)[DRAFT]
    with pytest.raises(KeyboardInterrupt):
        draft(job, die)
    first = next(path for path in files_of(shop, "drafts") if path.suffix == ".jpg")
    written = first.stat().st_mtime_ns
    jobs.give_back(job)
    assert work(shop) == 1
    assert products(seller) == {"A": 1, "B": 1}
    assert first.stat().st_mtime_ns == written
    assert len(files_of(shop, "drafts")) == 2


class KilledError(BaseException):
    """Stands for the end of a process."""


def killed(*_: object) -> None:
    raise KilledError


@pytest.mark.parametrize("to", ["closet", "drafts"])
def test_a_job_whose_process_died_before_it_was_written_down_tells_the_same_again(
    shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch, to: str
) -> None:
    photos = {"A.jpg": jpeg(), "bad.jpg": BAD, "B.jpg": jpeg((220, 45, 55))}
    seller.post(f"/api/v1/{to}", files={"photo": ("my.zip", pack(photos), "application/zip")})
    with monkeypatch.context() as dying:
        dying.setattr(Jobs, "finish", killed)
        with pytest.raises(KilledError):
            work(shop)
    monkeypatch.setattr("meot.catalogue.jobs.SILENT_S", -1.0)
    assert work(shop) == 1
    (job,) = seller.get("/api/v1/jobs").json()["jobs"]
    assert [each["key"] for each in job["result"]["refused"]] == ["photo_damaged"]
    assert (job["attempts"], job["result"]["products" if to == "drafts" else "added"]) == (2, 2)
    assert len(files_of(shop, to)) == 2


def test_a_disk_that_is_full_while_photos_are_copied_is_said(
    shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    send(seller, "/sell/photos", pack({"A.jpg": jpeg()}))
    with monkeypatch.context() as filling:
        filling.setattr(waiting, "_write", full)
        work(shop)
    (job,) = seller.get("/api/v1/jobs").json()["jobs"]
    assert (job["state"], "(No space left on device)" in job["reason"]) == ("failed", True)
    seller.post(f"/api/v1/jobs/{job['number']}/retry")
    work(shop)
    assert (products(seller), len(files_of(shop, "drafts"))) == ({"A": 1}, 1)


@pytest.mark.parametrize("left", [0, 1])
def test_photos_that_are_gone_are_not_called_damaged(shop: Shop, seller: TestClient, left: int) -> None:
    photos = {"A.jpg": jpeg(), "B.jpg": jpeg((220, 45, 55))}
    seller.post("/api/v1/drafts", files={"photo": ("my.zip", pack(photos), "application/zip")})
    for path in files_of(shop, "drafts")[left:]:
        path.unlink()
    work(shop)
    (job,) = seller.get("/api/v1/jobs").json()["jobs"]
    assert (job["state"], "photos of this job are gone" in job["reason"]) == (
        ("done", False) if left else ("failed", True)
    )
    assert [each["key"] for each in job["result"].get("refused", ())] == ["photo_gone"] * left
    page = seller.get("/sell").text
    assert ("no longer there: send it again" if left else "photos are gone: send them again") in page


def test_what_two_forms_brought_is_each_ones_own(shop: Shop, seller: TestClient) -> None:
    for _ in range(2):
        send(seller, "/sell/photos", pack({"A.jpg": jpeg()}))
    assert work(shop) == 2
    assert products(seller) == {"A": 1}
    jobs = seller.get("/api/v1/jobs").json()["jobs"]
    assert [job["result"]["refused"] for job in jobs] == [[], []]


def test_a_zip_that_is_sent_again_under_its_key_leaves_nothing_behind(
    shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    file, key = {"photo": ("my.zip", pack({"A.jpg": jpeg()}), "application/zip")}, {"Idempotency-Key": "k"}
    with monkeypatch.context() as dying:  # after the job stood, and before its answer was kept
        dying.setattr("meot.catalogue.replies.Replies.keep", lambda *_: None)
        first = seller.post("/api/v1/drafts", files=file, headers=key)
    monkeypatch.setattr("meot.catalogue.replies.SILENT_S", -1.0)
    again = seller.post("/api/v1/drafts", files=file, headers=key)
    assert (again.status_code, again.json()) == (202, first.json())
    assert len(files_of(shop, "drafts")) == 1
    assert work(shop) == 1
    assert (products(seller), len(files_of(shop, "drafts"))) == ({"A": 1}, 1)


def test_several_zips_share_what_they_may_unpack_to(
    shop: Shop, seller: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = pack({"a.jpg": jpeg()})
    monkeypatch.setattr(packed, "MOST_UNPACKED", len(jpeg()) * 2)
    sent = [("photo", (f"{i}.zip", one, "application/zip")) for i in range(3)]
    answer = seller.post("/api/v1/drafts", files=sent)
    assert (answer.status_code, answer.json()["taken"]) == (202, 2)
    (refused,) = answer.json()["refused"]
    assert (refused["name"], refused["type"]) == ("2.zip", "urn:meot:problem:unpacked_too_large")
