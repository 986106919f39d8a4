# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import re

import yaml

from ansible_collections.airgap.openshift.plugins.module_utils import _auth_finding, _auth_readers
from ansible_collections.airgap.openshift.plugins.modules import pull_secret_merge

DOCUMENTED = yaml.safe_load(pull_secret_merge.RETURN)


def test_the_documentation_has_all_codes_of_findings_and_no_other():
    described = set(re.findall(r"V\(([a-z0-9-]+)\)", " ".join(DOCUMENTED["findings"]["description"])))
    severities = {"error", "warning", "note"}
    assert described - severities == set(_auth_finding._CAUSES) | set(_auth_finding._REPAIRS)


def test_the_documentation_has_each_client():
    assert set(DOCUMENTED["clients"]["contains"]) == {"registry", *_auth_readers.CLIENTS}


def test_a_finding_is_documented_field_by_field():
    assert list(DOCUMENTED["findings"]["contains"]) == list(_auth_finding.Finding._fields)
