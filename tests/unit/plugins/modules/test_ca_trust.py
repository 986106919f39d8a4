# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The documentation of ca_trust, held to the code that it is about."""

import inspect
import re

import pytest
import yaml

from ansible_collections.airgap.openshift.plugins.module_utils import _trust_certs_d
from ansible_collections.airgap.openshift.plugins.module_utils._trust_store import CUSTOM, STORES
from ansible_collections.airgap.openshift.plugins.modules.ca_trust import DOCUMENTATION, RETURN

NOTES = yaml.safe_load(DOCUMENTATION)["notes"]


@pytest.mark.parametrize("store", STORES, ids=lambda store: store.name)
def test_every_store_is_documented(store):
    [note] = [text for text in NOTES if text.startswith(f"V({store.name}) ")]
    for told in (*store.anchors_dirs, " ".join(store.update), store.bundle):
        assert f"C({told})" in note


def test_every_value_of_store_is_documented():
    told = " ".join(yaml.safe_load(RETURN)["store"]["description"])
    for store in (*STORES, CUSTOM):
        assert f"V({store.name})" in told


def test_every_finding_is_documented():
    code = yaml.safe_load(RETURN)["findings"]["contains"]["code"]["description"]
    told = re.findall(r"^V\((certs-d-[a-z-]+)\) ", "\n".join(code), re.M)
    assert set(told) == set(re.findall(r'"(certs-d-[a-z-]+)"', inspect.getsource(_trust_certs_d)))
