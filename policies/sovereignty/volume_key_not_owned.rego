# METADATA
# title: the volumes are not encrypted with a key of your own
# description: |
#   With a key of the provider, the provider decides who reads the disks, and an order of a court abroad reaches them. A
#   customer-managed key can be withdrawn: then the disks are noise. Drivers take it as a parameter of the StorageClass;
#   without it EBS may not encrypt at all, depending on a setting of the account.
# related_resources:
#   - description: AWS EBS CSI driver, parameters
#     ref: https://github.com/kubernetes-sigs/aws-ebs-csi-driver/blob/master/docs/parameters.md
#   - description: Azure Disk CSI driver, parameters
#     ref: https://github.com/kubernetes-sigs/azuredisk-csi-driver/blob/master/docs/driver-parameters.md
# custom:
#   severity: {production: low, gcc-sovereign: high, development: off}
#   consequence: residency
#   needs: [storage_classes]
#   inputs: [manifests, live]
#   remediation: |
#     Name a customer-managed key in the parameters of the StorageClass.
#   guide: [G52]
#   controls: [volume-encryption-cmk]
#   evidence: [volume-key]
#   since: 0.1.0
package qdrant.sovereignty.volume_key_not_owned

parameter := {
	"ebs.csi.aws.com": "`encrypted: \"true\"` and `kmsKeyId: <ARN of the key>`",
	"ebs.csi.eks.amazonaws.com": "`encrypted: \"true\"` and `kmsKeyId: <ARN of the key>`",
	"disk.csi.azure.com": "`diskEncryptionSetID: <id>`",
	"pd.csi.storage.gke.io": "`disk-encryption-kms-key: projects/…/cryptoKeys/<key>`",
	"blockvolume.csi.oraclecloud.com": "`kms-key-id: <OCID of the key>`",
	"diskplugin.csi.alibabacloud.com": "`encrypted: \"true\"` and `kmsKeyId: <id of the key>`",
}

state := {
	"none": "does not encrypt the volumes",
	"provider-key": "encrypts the volumes with a key of the provider",
}

used[index] := class if {
	some index, class in input.storage.classes
	class.used_for_data
}

findings contains {
	"at": ["storage", "classes", index],
	"label": "no key of your own",
	"message": sprintf("StorageClass %s (%s) %s: the provider can read the disks", [class.name, class.provisioner, state[class.class.encryption]]),
	"help": sprintf("add %s to its `parameters`; a class cannot be changed, so make a new one and move the volumes", [object.get(parameter, class.provisioner, "the customer-managed key of the driver")]),
} if {
	some index, class in used
	state[class.class.encryption]
}

skipped contains {"kind": "needs-evidence", "reason": reason} if {
	some class in used
	class.class.encryption == "unknown"
	reason := sprintf("whether %s encrypts the volumes of StorageClass %s, and with whose key, is not in its parameters; attest `volume-key`", [class.provisioner, class.name])
}

skipped contains {"kind": "not-observed", "reason": "the StorageClass of the data volumes is not in the input; give it too"} if {
	count(used) == 0
}
