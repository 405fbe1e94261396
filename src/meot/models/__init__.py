"""Model files and how they are run.

Every import of onnxruntime comes after this module's: on Linux it tells its maker about each process and model, with a
number for the machine, unless it is told not to before it is loaded. meot tells nobody anything.
"""

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"
