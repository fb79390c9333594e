"""Plants one bug into the product from outside: found by PYTHONPATH, it changes a module after its import."""

import importlib
import importlib.abc
import importlib.util
import os
import sys
from types import ModuleType


class _Planter(importlib.abc.MetaPathFinder):
    def __init__(self, patches):
        self.patches = patches

    def find_spec(self, name, path=None, target=None):
        if name not in self.patches:
            return None
        patch = self.patches.pop(name)
        spec = importlib.util.find_spec(name)
        if spec is None or spec.loader is None:
            return spec
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            patch(module)

        spec.loader.exec_module = exec_module
        return spec


if os.environ.get("FAULTS_PLANTED"):
    sys.meta_path.insert(0, _Planter(dict(importlib.import_module(os.environ["FAULTS_PLANTED"]).PATCHES)))
