#!/usr/bin/env python3
"""Writes what a build for TARGET is made of, as CycloneDX 1.5: the crates that are linked or run at build time.

usage: scripts/sbom.py TARGET >sbom.cdx.json
"""
import json
import os
import re
import subprocess
import sys
import tomllib
import uuid

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


def reached(metadata):
    """Ids of the packages that the program needs, without those of tests, and what each of them needs."""
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    edges, waiting = {}, [metadata["resolve"]["root"]]
    while waiting:
        package = waiting.pop()
        if package in edges:
            continue
        needed = [
            dependency["pkg"]
            for dependency in nodes[package]["deps"]
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"])
        ]
        edges[package] = needed
        waiting += needed
    return edges


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, checksums):
    one = {
        "type": "library",
        "bom-ref": purl(package),
        "name": package["name"],
        "version": package["version"],
        "purl": purl(package),
    }
    if package.get("license"):
        # `MIT/Apache-2.0` is how old crates write the expression
        one["licenses"] = [{"expression": re.sub(r"\s*/\s*", " OR ", package["license"])}]
    checksum = checksums.get((package["name"], package["version"]))
    if checksum:
        one["hashes"] = [{"alg": "SHA-256", "content": checksum}]
    return one


def main():
    target = sys.argv[1]
    metadata = json.loads(
        subprocess.run(
            ["cargo", "metadata", "--locked", "--format-version", "1", "--filter-platform", target],
            cwd=ROOT, check=True, capture_output=True, text=True,
        ).stdout
    )
    with open(os.path.join(ROOT, "Cargo.lock"), "rb") as file:
        lock = tomllib.load(file)
    checksums = {(one["name"], one["version"]): one.get("checksum") for one in lock["package"]}
    packages = {package["id"]: package for package in metadata["packages"]}
    edges = reached(metadata)
    root = packages[metadata["resolve"]["root"]]
    libraries = sorted((packages[one] for one in edges if one != root["id"]), key=purl)
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {**component(root, checksums), "type": "application", "description": root["description"]},
            "properties": [{"name": "target", "value": target}],
        },
        "components": [component(package, checksums) for package in libraries],
        "dependencies": [
            {"ref": purl(packages[one]), "dependsOn": sorted({purl(packages[needed]) for needed in edges[one]})}
            for one in sorted(edges, key=lambda one: purl(packages[one]))
        ],
    }
    # the same content has the same number
    content = json.dumps(bom, sort_keys=True)
    bom["serialNumber"] = uuid.uuid5(uuid.NAMESPACE_URL, content).urn
    json.dump(bom, sys.stdout, indent=1, sort_keys=True)
    sys.stdout.write("\n")


main()
