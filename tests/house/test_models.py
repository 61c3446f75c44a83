"""What is known of the models stands in three layers that do not know each other: it is the same in all."""

from mira_cli.api.models import BUILTIN
from mira_cli.settings.table import BY_NAME
from mira_cli.simulator.validation import MODELS


def test_the_setting_offers_the_models_that_are_built_in():
    assert BY_NAME["model"].choices == tuple(BUILTIN)


def test_the_simulator_has_them_with_their_sizes_and_plans():
    simulated = {
        name: (m["name"], m["context_window"], m["max_output_tokens"], m.get("requires_plan", ""))
        for name, m in MODELS.items()
    }
    # "free" is what everybody has: the server names no plan for it
    known = {
        m.id: (m.name, m.context_window, m.max_output, m.plan.replace("free", "")) for m in BUILTIN.values()
    }
    assert simulated == known
