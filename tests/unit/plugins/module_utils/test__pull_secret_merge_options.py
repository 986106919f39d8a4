# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest

from ansible_collections.airgap.openshift.plugins.module_utils._auth_text import AuthFileError
from ansible_collections.airgap.openshift.plugins.module_utils._pull_secret_merge_options import sources

OF_CLUSTER = {"kubeconfig": "/k", "context": None, "namespace": "openshift-config", "secret": "pull-secret"}
NOTHING = {"src": None, "remote_src": False, "content": None, "sources": None, **OF_CLUSTER}


def test_the_one_source_is_spelled_in_the_options_of_the_task():
    assert sources(NOTHING) == [
        {"name": "the cluster's pull secret", "src": None, "remote_src": False, "content": None, **OF_CLUSTER}
    ]
    assert sources({**NOTHING, "content": "{}"})[0]["name"] == "the pull secret"
    assert sources({**NOTHING, "src": "/x", "remote_src": True})[0]["src"] == "/x"


def test_several_sources_take_what_they_leave_out_from_the_task():
    item = {
        "src": None,
        "remote_src": False,
        "content": None,
        "kubeconfig": None,
        "context": "lab",
        "namespace": None,
        "secret": None,
    }
    assert sources({**NOTHING, "sources": [item, {**item, "kubeconfig": "/other"}]}) == [
        {**OF_CLUSTER, "name": "source 1", "context": "lab", "src": None, "remote_src": False, "content": None},
        {
            **OF_CLUSTER,
            "name": "source 2",
            "context": "lab",
            "kubeconfig": "/other",
            "src": None,
            "remote_src": False,
            "content": None,
        },
    ]


def test_an_empty_list_is_no_source_at_all():
    assert sources({**NOTHING, "sources": []}) == []


@pytest.mark.parametrize("where", ["task", "sources"])
def test_a_file_of_the_controller_is_not_looked_for_on_the_host(where):
    item = {**dict.fromkeys(("content", *OF_CLUSTER)), "src": "/x", "remote_src": False}
    with pytest.raises(AuthFileError):
        sources({**NOTHING, "src": "/x"} if where == "task" else {**NOTHING, "sources": [item]})
