// SPDX-License-Identifier: GPL-3.0-or-later

package main

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strings"

	apiextensions "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/gateway-api/pkg/consts"
)

// Gateway API marks in the documentation of its types and fields what a channel adds or leaves out:
// <gateway:experimental>, <gateway:CHANNEL:validation:NAME=VALUE> and <gateway:validateIPAddress>.
// controller-tools knows none of these; upstream has a generator of its own, which is not importable.

const (
	experimentalTag = "<gateway:experimental>"
	addressTag      = "<gateway:validateIPAddress>"
)

// gateway is one channel of Gateway API: standard or experimental.
type gateway struct {
	channel string
	tag     *regexp.Regexp // of this channel: name and value; the value ends at the ">" that ends its line
}

func gatewayChannel(channel string) gateway {
	return gateway{channel, regexp.MustCompile(`(?m)<gateway:` + channel + `:validation:(\w+)[:=](.*)>[ \t]*$`)}
}

var celRule = regexp.MustCompile(`^message="([^"]*)",rule="([^"]*)"$`)

// tagRules turns the value of a validation tag into a change of the schema.
var tagRules = map[string]func(*apiextensions.JSONSchemaProps, string) error{
	"Enum": setEnum,
	"Pattern": func(s *apiextensions.JSONSchemaProps, value string) error {
		s.Pattern = strings.Trim(value, "`")
		return nil
	},
	"XValidation": addRule,
}

func (g gateway) standard() bool { return g.channel == "standard" }

func (g gateway) applyTags(target *apiextensions.JSONSchemaProps, doc string) error {
	for _, tag := range g.tag.FindAllStringSubmatch(doc, -1) {
		rule, known := tagRules[tag[1]]
		if !known {
			return fmt.Errorf("validation tag %s is not known to this generator", tag[1])
		}
		if err := rule(target, tag[2]); err != nil {
			return fmt.Errorf("validation tag %s: %w", tag[1], err)
		}
	}
	return nil
}

func setEnum(target *apiextensions.JSONSchemaProps, value string) error {
	target.Enum = nil
	for _, each := range strings.Split(value, ";") {
		text, err := json.Marshal(each)
		if err != nil {
			return err
		}
		target.Enum = append(target.Enum, apiextensions.JSON{Raw: text})
	}
	return nil
}

func addRule(target *apiextensions.JSONSchemaProps, value string) error {
	parts := celRule.FindStringSubmatch(value)
	if parts == nil {
		return fmt.Errorf("want message=\"...\",rule=\"...\", have %s", value)
	}
	target.XValidations = append(target.XValidations, apiextensions.ValidationRule{Message: parts[1], Rule: parts[2]})
	return nil
}

// finish makes the channel's definition of what controller-tools generated.
func (g gateway) finish(made *apiextensions.CustomResourceDefinition) error {
	made.Annotations = map[string]string{
		consts.BundleVersionAnnotation:          consts.BundleVersion,
		consts.ChannelAnnotation:                g.channel,
		apiextensions.KubeAPIApprovedAnnotation: consts.ApprovalLink, // *.k8s.io groups are refused without it
	}
	for i := range made.Spec.Versions {
		version := &made.Spec.Versions[i]
		if g.standard() && strings.Contains(version.Name, "alpha") {
			version.Served = false
		}
		if err := g.tweakProperties(version.Schema.OpenAPIV3Schema.Properties); err != nil {
			return fmt.Errorf("version %s: %w", version.Name, err)
		}
	}
	return nil
}

func (g gateway) tweakProperties(properties map[string]apiextensions.JSONSchemaProps) error {
	for name, property := range properties {
		if g.standard() && strings.Contains(property.Description, experimentalTag) {
			delete(properties, name)
			continue
		}
		if err := g.tweak(&property); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		properties[name] = property
	}
	return nil
}

func (g gateway) tweak(target *apiextensions.JSONSchemaProps) error {
	if strings.Contains(target.Description, addressTag) {
		target.Items.Schema.OneOf = addressRule()
	}
	if err := g.applyTags(target, target.Description); err != nil {
		return err
	}
	if target.Items != nil && target.Items.Schema != nil {
		return g.tweak(target.Items.Schema)
	}
	return g.tweakProperties(target.Properties)
}

// addressRule: an address of type IPAddress has an IP address as its value.
func addressRule() []apiextensions.JSONSchemaProps {
	isAddress := apiextensions.JSONSchemaProps{Enum: []apiextensions.JSON{{Raw: []byte(`"IPAddress"`)}}}
	value := apiextensions.JSONSchemaProps{AnyOf: []apiextensions.JSONSchemaProps{{Format: "ipv4"}, {Format: "ipv6"}}}
	return []apiextensions.JSONSchemaProps{
		{Properties: map[string]apiextensions.JSONSchemaProps{"type": isAddress, "value": value}},
		{Properties: map[string]apiextensions.JSONSchemaProps{"type": {Not: &isAddress}}},
	}
}
