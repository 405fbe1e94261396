"""The classifier recipe: from a folder of class folders to what the product reads with, in tiny real runs."""

from __future__ import annotations

import json
import tracemalloc
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="needs the train extra: pip install 'meot[train]'")

import cv2
import numpy as np
import torch
from tests.workshop import draw_clothing

from meot import photos, wiring
from meot.cli import _run
from meot.data.sources import clothing
from meot.data.table import Object, Row, Table, load, save
from meot.errors import DataError, ModelError
from meot.models import store
from meot.models.card import read_card
from meot.settings import Settings
from meot.training.calibrate import sure_from
from meot.training.classify.components import asked_of
from meot.training.classify.folds import Judged
from meot.training.classify.samples import Questions, questions_of, samples_of
from meot.training.classify.scoring import figures, loss_of_answers, macro_f1
from meot.training.classify.solving import solve
from meot.training.classify.trusting import shown_from, trust, worth
from meot.training.nets import backbones
from meot.training.nets.classifier import Top
from meot.training.recipes.classifier import ClassifierRecipe, train_classifier

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("default")]


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Blocks in the shape of T-shirts and trousers, with boxes' worth of masks, as a table."""
    folder = draw_clothing(tmp_path_factory.mktemp("c") / "clothing", photos=24)
    rows = [*clothing.read(folder, "train"), *clothing.read(folder, "validation")]
    return save(Table(rows=tuple(rows), questions={"category": ("Pants", "T-Shirt")}), folder.parent / "t.jsonl")


def recipe(table: Path, **more: object) -> ClassifierRecipe:
    chosen: dict[str, object] = {"data": table, "size": 64, "head_epochs": 30, "batch": 8, "looks": 1, "heads": False}
    return ClassifierRecipe(**(chosen | more))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run")
    train_classifier(recipe(table, name="shape"), folder)
    return folder


def test_it_learns_and_says_so_on_its_card(trained: Path) -> None:
    card = read_card(trained / "components-shape.json")
    assert card.questions == {"category": ("Pants", "T-Shirt")}
    assert card.measured["category.accuracy"] >= 0.9
    assert (trained / "stage-1" / "history.jsonl").is_file()
    head = json.loads((trained / "predictions-category.jsonl").read_text().splitlines()[0])
    assert head["classes"] == ["Pants", "T-Shirt"]


def test_the_product_reads_with_it(trained: Path, table: Path) -> None:
    reader = wiring.build_reader(Settings(models=trained, threads=1))
    assert reader.models["components-shape"].startswith("shape-")
    row = load(table).rows[0]
    look = reader.read(photos.load(row.photo))
    for garment in look.garments:
        assert garment.components["category"].id in ("Pants", "T-Shirt")
    assert all("category" in g["components"] for g in look.as_json()["garments"])


def test_features_are_computed_once_for_the_same_pictures(
    trained: Path, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from meot.training.classify import feature_cache

    def never(*_: object, **__: object) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(feature_cache, "_compute", never)
    train_classifier(recipe(table, name="shape"), trained)
    with pytest.raises(AssertionError, match="computed again"):
        train_classifier(recipe(table, name="shape", size=96), trained)


def test_both_stages_dense_head_and_another_net(table: Path, tmp_path: Path) -> None:
    chosen = recipe(
        table, net="resnet18", head="dense", head_epochs=2, cache=False, epochs=2, freeze_first=5, mixup=1.0, batch=6
    )
    file = train_classifier(replace(chosen, views=("garment", "top"), optimiser="sgd", loss="focal"), tmp_path)
    assert {d.name for d in tmp_path.iterdir() if d.is_dir()} == {"stage-1", "stage-2"}
    assert read_card(file.with_suffix(".json")).views == ("garment", "top")


def test_heads_with_a_ridge_are_solved_without_epochs(table: Path, tmp_path: Path) -> None:
    chosen = recipe(table, name="solved", heads=True, ridge=0.01, folds=2)
    file = train_classifier(chosen, tmp_path)
    first = read_card(file.with_suffix(".json"))
    assert first.measured["folds.category.accuracy"] >= 0.9
    assert not list(tmp_path.rglob("history.jsonl"))
    again = read_card(train_classifier(replace(chosen, head_epochs=1), tmp_path).with_suffix(".json"))
    assert again.measured == first.measured
    with pytest.raises(DataError, match="change head, mixup"):
        train_classifier(replace(chosen, head="dense", mixup=0.5), tmp_path)


def test_what_counts_nothing_or_is_unknown_does_not_move_a_solved_head(table: Path) -> None:
    rng = np.random.default_rng(0)
    features = rng.normal(size=(12, 2, 5)).astype(np.float16)
    answers = np.array([[0], [1], [0], [1], [1], [0], [1], [0], [1], [0], [1], [-1]])
    chosen, tops = recipe(table, ridge=0.1), []
    for kept, odds in ((slice(0, 9), None), (slice(None), np.array([1.0] * 9 + [0.0] * 2 + [1.0]))):
        top = Top(blocks=(5,), even=0.0, answers=(2,), head="linear", dropout=0.3)
        solve(top, features[kept], answers[kept], chosen, odds, None)
        tops.append(top.eval()(torch.from_numpy(features[:, 0]))[0])
    torch.testing.assert_close(tops[0], tops[1], atol=1e-3, rtol=0)
    assert tops[0].detach().std() > 0.1


def test_frozen_layers_stay_as_they_were(table: Path, tmp_path: Path) -> None:
    net = backbones.build("resnet18")
    before = {k: v.clone() for k, v in net.state_dict().items()}
    net.train()
    net.freeze(9)
    optimiser = torch.optim.SGD([w for w in net.parameters() if w.requires_grad], 0.1)
    net(torch.randn(4, 3, 64, 64)).square().sum().backward()
    optimiser.step()
    changed = {k for k, v in net.state_dict().items() if not torch.equal(v, before[k])}
    first = {id(w) for part in net.parts()[:9] for w in [*part.parameters(), *part.buffers()]}
    kept = {k for k, v in [*net.named_parameters(), *net.named_buffers()] if id(v) in first}
    assert kept
    assert not kept & changed
    assert changed


def test_int8_is_measured_and_may_be_refused(trained: Path, table: Path) -> None:
    file = train_classifier(recipe(table, name="shape", int8=True, int8_cost=0.5), trained)
    small = read_card(file.with_suffix(".json"))
    assert "float.macro_f1" in small.measured
    wiring.build_reader(Settings(models=trained, threads=1))
    with pytest.raises(ModelError, match="stays in floating point"):
        train_classifier(recipe(table, name="shape", int8=True, int8_cost=-1.0), trained)


def test_own_net_answers_as_the_bundled_model_file() -> None:
    from meot.models.session import OnnxSession

    net = backbones.build("meot").eval()
    assert isinstance(net, backbones.GarmentFeatures)
    pixels = torch.randn(1, 3, 96, 96, generator=torch.Generator().manual_seed(0))
    file, _ = store.find("garment")
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(file)).graph
    gemm = next(node for node in graph.node if node.op_type == "Gemm")
    values = {w.name: numpy_helper.to_array(w).astype(np.float32) for w in graph.initializer}
    values |= {n.output[0]: values[n.input[0]] for n in graph.node if n.op_type == "Cast" and n.input[0] in values}
    with torch.no_grad():
        pooled = net.features(pixels).mean((2, 3)).numpy()
    ours = pooled @ values[gemm.input[1]].T + values[gemm.input[2]]
    mask, worn = np.ones((1, 1, 96, 96), np.float32), np.zeros((1, 1), np.float32)
    theirs = OnnxSession(model=file).run({"pixels": pixels.numpy(), "mask": mask, "worn": worn})[0]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)


@pytest.mark.parametrize("name", ["resnet34", "resnet50", "vgg16", "densenet121", "mobilenet_v2"])
def test_the_papers_nets_are_there_by_name(name: str) -> None:
    net = backbones.build(name).eval()
    with torch.no_grad():
        assert net(torch.zeros(1, 3, 64, 64)).shape == (1, net.size)


def test_an_unknown_net_names_the_nearest() -> None:
    with pytest.raises(DataError, match="did you mean 'densenet121'"):
        backbones.build("densnet121")


def test_weights_of_another_net_or_no_weights_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.pt"
    torch.save(backbones.build("resnet18").state_dict(), file)
    with pytest.raises(ModelError, match="does not fit the net"):
        backbones.build("resnet50", str(file))
    file.write_text("not weights")
    with pytest.raises(ModelError, match="cannot be read as weights"):
        backbones.build("resnet18", str(file))
    torch.save([1, 2], file)
    with pytest.raises(ModelError, match="expected a dict of tensors"):
        backbones.build("resnet18", str(file))


def test_questions_answers_merging_and_objects() -> None:
    table = Table(
        rows=(
            Row(photo=Path("a.jpg"), labels={"collar": "button_down"}, split="train"),
            Row(photo=Path("b.jpg"), labels={"collar": "unheard of"}, split="train"),
            Row(
                photo=Path("c.jpg"),
                split="train",
                objects=(
                    Object(label="shirt", box=(0, 0, 9, 9), labels={"collar": "band"}),
                    Object(label="shoe", box=(1, 1, 5, 5)),
                ),
            ),
        ),
        classes=("shirt", "shoe"),
        questions={"collar": ("band", "button_down", "regular")},
    )
    questions = questions_of(table, (), ("collar.button_down=regular",))
    assert questions.answers == {"collar": ("band", "regular")}
    found = samples_of(table.rows, questions)
    assert [(s.photo.name, s.box, s.answers) for s in found] == [
        ("a.jpg", None, (1,)),
        ("c.jpg", (0, 0, 9, 9), (0,)),
    ]
    classes = questions_of(table, ("class",))
    assert [s.answers for s in samples_of(table.rows, classes)] == [(0,), (1,)]
    with pytest.raises(DataError, match="did you mean 'collar'"):
        questions_of(table, ("colar",))
    with pytest.raises(DataError, match=r"QUESTION\.ANSWER=OTHER"):
        questions_of(table, (), ("collar.button=regular",))


def test_too_little_to_learn_from(table: Path, tmp_path: Path) -> None:
    full = load(table)
    one = [row for row in full.rows if row.labels["category"] == "Pants" and row.split == "train"][1:]
    file = save(full.having(tuple(row for row in full.rows if row not in one)), tmp_path / "one.jsonl")
    with pytest.raises(DataError, match=r"category.Pants has 1 photo\(s\) to learn from"):
        train_classifier(recipe(file), tmp_path / "run")
    with pytest.raises(DataError, match="views must be of"):
        train_classifier(recipe(table, views=("collar",)), tmp_path / "run")
    with pytest.raises(DataError, match="no such file or folder"):
        train_classifier(recipe(tmp_path / "nothing"), tmp_path / "run")


def test_unknown_answers_count_nothing_in_the_loss(table: Path) -> None:
    logits = (torch.randn(3, 2), torch.randn(3, 4))
    chosen = recipe(table, smoothing=0.0)
    known = loss_of_answers(logits, torch.tensor([[0, -1], [1, -1], [0, -1]]), chosen, None)
    expected = torch.nn.functional.cross_entropy(logits[0], torch.tensor([0, 1, 0])) / 2
    torch.testing.assert_close(known, expected)


def test_losses_agree_with_hand_calculated_values(table: Path) -> None:
    logits, truth = (torch.tensor([[2.0, 0.0]]),), torch.tensor([[0]])
    p = float(torch.sigmoid(torch.tensor(2.0)))
    squared = loss_of_answers(logits, truth, recipe(table, loss="mean_squared"), None)
    focal = loss_of_answers(logits, truth, recipe(table, loss="focal"), None)
    assert float(squared) == pytest.approx(2 * (1 - p) ** 2, abs=1e-6)
    assert float(focal) == pytest.approx(-((1 - p) ** 2) * np.log(p), abs=1e-6)


def test_figures_by_hand() -> None:
    logits = [np.array([[1, 0], [1, 0], [0, 1], [1, 0]], np.float32)]
    answers = np.array([[0], [1], [1], [-1]])
    found = figures(logits, answers, Questions({"q": ("a", "b")}))
    assert found["q.accuracy"] == pytest.approx(2 / 3)
    assert found["q.macro_f1"] == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert macro_f1(np.array([0, 0]), np.array([0, 0])) == 1.0


def test_few_photos_are_never_enough_to_be_sure_easily() -> None:
    perfect = [np.tile(np.array([[3.0, 0.0]], np.float32), (10, 1))]
    judged = Judged(perfect, np.zeros((10, 1), np.int64), np.zeros(10, np.bool_), np.arange(10))
    assert trust(judged, ("q",)) == {"q.temperature": 1.0, "q.sure": 0.9}


def test_worn_garments_are_trusted_by_themselves() -> None:
    """Flat lays are always right here, worn garments only from a higher score on."""
    rng = np.random.default_rng(0)
    worn = np.arange(400) % 2 == 1
    margin = rng.uniform(0, 4, 400)
    logits = np.stack([margin, np.zeros(400)], 1).astype(np.float32)
    wrong = worn & (margin < 2) & (rng.random(400) < 0.5)
    judged = Judged([logits], wrong.astype(np.int64)[:, None], worn, np.arange(400))
    settings = trust(judged, ("q",))
    assert settings["q.sure"] < 0.6 < settings["q.worn_sure"]
    found = worth(judged, ("q",), settings)
    assert found["q.sure_share"] == 1.0
    assert 0.3 < found["q.worn_sure_share"] < 0.9


def test_sure_is_shown_by_senders_not_by_their_photos() -> None:
    """The same 97 of 100 right answers, by 1,000 senders or by 21 of whom one sent all that are wrong."""
    score, right, each = np.linspace(1.0, 0.6, 1000), np.arange(1000) % 34 != 33, np.arange(1000)
    assert shown_from(score, right, each) == pytest.approx(0.6)
    assert shown_from(score, right, np.where(right, each % 20, 20)) > 0.9


def test_what_senders_do_not_show_is_sure_from_the_usual_score() -> None:
    right = np.arange(1000) % 34 != 33
    logits = [np.stack([np.linspace(4, 1, 1000), np.zeros(1000)], 1).astype(np.float32)]
    truth, nobody, each = (~right).astype(np.int64)[:, None], np.zeros(1000, np.bool_), np.arange(1000)
    assert trust(Judged(logits, truth, nobody, each), ("q",))["q.sure"] < 0.9
    together = Judged(logits, truth, nobody, np.where(right, each % 20, 20))
    assert trust(together, ("q",))["q.sure"] == 0.9


def test_few_senders_without_a_mistake_show_little() -> None:
    score, right = np.linspace(1.0, 0.6, 100), np.ones(100, np.bool_)
    assert shown_from(score, right, np.arange(100)) == pytest.approx(0.6)
    assert shown_from(score, right, np.arange(100) % 59) == float("inf")


def test_few_senders_with_mistakes_show_no_more() -> None:
    """Whose draws are alike: 97 of 100 of each sender's answers were right."""
    score, right = np.linspace(1.0, 0.6, 1000), np.arange(1000) % 34 != 33
    assert shown_from(score, right, np.arange(1000) % 60) == pytest.approx(0.6)
    assert shown_from(score, right, np.arange(1000) % 59) == float("inf")


def test_equal_scores_are_sure_together() -> None:
    """Whatever their order: of the 400 answers with 0.9 a quarter is wrong, of those with 0.99 none."""
    right = np.arange(400) < 300
    assert shown_from(np.full(400, 0.9), right, np.arange(400)) == float("inf")
    score, right = np.repeat((0.9, 0.99), 400), np.append(right, np.ones(400, np.bool_))
    assert shown_from(score, right, np.arange(800)) == 0.99
    assert sure_from(score, right) == 0.99


def test_many_answers_are_judged_in_little_memory() -> None:
    score = np.linspace(1.0, 0.6, 40_000)
    right = (np.arange(40_000) % 2 == 0) | (score > 0.8)
    tracemalloc.start()
    found = shown_from(score, right, np.arange(40_000) % 1000)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert 0.75 < found < 0.8
    assert most < 250 * 2**20  # a thousand draws of each answer take 1 GB


def test_asked_is_checked() -> None:
    assert asked_of(("collar=shirt,upper",), ("collar",)) == {"collar": ("shirt", "upper")}
    for wrong in ("collar=shrit", "colar=shirt", "collar"):
        with pytest.raises(DataError, match="QUESTION=NAME"):
            asked_of((wrong,), ("collar",))


def test_two_commands_from_a_folder_of_class_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    for i in range(20):
        name = "줄무늬" if i % 2 else "plain"
        image = np.full((96, 72, 3), 255, np.uint8)
        image[10:86, 12:60] = rng.integers(0, 256, 3)
        if i % 2:
            image[10:86:12, 12:60] = image[14:86:12, 12:60] = 0
        (tmp_path / "photos" / name).mkdir(parents=True, exist_ok=True)
        _, data = cv2.imencode(".png", image)
        (tmp_path / "photos" / name / f"{i}.png").write_bytes(data.tobytes())
    monkeypatch.chdir(tmp_path)
    first = ["train", "classifier", "--data", "photos", "--out", "models", "--size", "64", "--head-epochs", "10"]
    monkeypatch.setattr("sys.argv", ["meot", *first])
    assert _run() == 0
    monkeypatch.setattr("sys.argv", ["meot", "read", "--models", "models", "photos/plain/0.png"])
    assert _run() == 0


@pytest.fixture(scope="module")
def heads(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("heads")
    train_classifier(recipe(table, name="light", heads=True, views=("garment", "middle"), folds=2), folder)
    return folder


def test_frozen_on_the_bundled_net_heads_come_out(heads: Path, table: Path) -> None:
    card = read_card(heads / "components-light.json")
    assert card.reads == "features"
    assert card.encoder == store.find("garment")[1].label
    assert (heads / "components-light.onnx").stat().st_size < 100_000
    assert card.measured["category.accuracy"] >= 0.9
    assert {d.name for d in heads.iterdir() if d.is_dir()} == {"stage-1", "fold-0", "fold-1"}
    reader = wiring.build_reader(Settings(models=heads, threads=1))
    look = reader.read(photos.load(load(table).rows[0].photo))
    assert look.garments
    assert all(g.components["category"].id in ("Pants", "T-Shirt") for g in look.garments)


def test_heads_cannot_be_stored_smaller(table: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="int8 is for nets of their own"):
        train_classifier(recipe(table, heads=True, int8=True), tmp_path)


def test_painted_copies_keep_what_else_is_known(table: Path) -> None:
    from meot.training.classify.painting import add_painted
    from meot.training.classify.samples import Crop, Sample
    from meot.training.classify.stages import Prepared

    questions = Questions({"pattern": ("dot", "solid", "stripe"), "sleeve": ("long", "short")})
    cloth = np.ones((40, 30), np.bool_)
    crop = Crop(np.full((40, 30, 3), 90, np.uint8), (0.0, 0.0, 30.0, 40.0), cloth=cloth)
    samples = [Sample(Path("a"), None, None, said, "g") for said in ((1, 0), (2, 1), (1, -1))]
    data = Prepared(questions, {"train": samples}, {"train": [crop, crop, crop._replace(cloth=None)]})
    odds = add_painted(data, recipe(table, painted=2, painted_share=0.5), None)
    assert [s.answers for s in data.samples["train"][3:]] == [(0, 0), (2, 0)] or [
        s.answers for s in data.samples["train"][3:]
    ] == [(2, 0), (0, 0)]
    assert {c.paint for c in data.crops["train"][3:]} == {"dot", "stripe"}
    assert odds is not None
    assert odds[3:].sum() == pytest.approx(odds[:3].sum()), "half of an epoch"
    with pytest.raises(DataError, match="painted needs a question 'pattern'"):
        add_painted(
            Prepared(Questions({"fit": ("a", "b")}), {"train": []}, {"train": []}), recipe(table, painted=1), None
        )
