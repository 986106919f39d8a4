# Copyright (c) 2026, airgap.openshift contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-in for get-pip.py where its download host cannot be reached.

ansible-test runs it as ~/.ansible/test/cache/get_pip_VERSION.py, in the home that .ci/nox makes for it, and in a fresh
virtual environment without pip.
It lets the pip wheel that Python itself ships install the wanted versions from the package index.
"""

import ensurepip
import glob
import os
import subprocess
import sys

bundled = os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")
# Debian keeps ensurepip's wheels apart, in the package python3-pip-whl.
wheels = glob.glob(os.path.join(bundled, "pip-*.whl")) + glob.glob("/usr/share/python-wheels/pip-*.whl")
if not wheels:
    sys.exit(f"{sys.executable}: its ensurepip has no pip wheel; put another Python of this version first on PATH")
wanted = [arg for arg in sys.argv[1:] if arg not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, wheels[0] + "/pip", "install", *wanted]))
