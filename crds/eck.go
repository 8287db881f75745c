// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// openTemplates leaves pod templates without a schema, as upstream's own files do: what a pod may say is the
// cluster's business, whose version need not be the one that the operator was built with.
func openTemplates(made *apiextensions.CustomResourceDefinition) error {
	claims := made.Spec.Names.Kind != "Logstash" // upstream's file of this one keeps the status, too
	for _, version := range made.Spec.Versions {
		openTemplate(version.Schema.OpenAPIV3Schema, claims)
	}
	return nil
}

func openTemplate(schema *apiextensions.JSONSchemaProps, claims bool) {
	for name, property := range schema.Properties {
		switch {
		case name == "podTemplate":
			property.Properties = nil
		case name == "volumeClaimTemplates" && claims:
			delete(property.Items.Schema.Properties, "status") // the volume's own, never the template's
		default:
			openTemplate(&property, claims)
		}
		schema.Properties[name] = property
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		openTemplate(schema.Items.Schema, claims)
	}
}
