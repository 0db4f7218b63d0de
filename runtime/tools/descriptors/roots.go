package main

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// rootMessages are the messages kept by name. Every message of an extension package that packages.go imports is kept too.
var rootMessages = []protoreflect.FullName{
	"envoy.config.bootstrap.v3.Bootstrap",
	"envoy.config.cluster.v3.Cluster",
	"envoy.config.endpoint.v3.ClusterLoadAssignment",
	"envoy.config.listener.v3.Listener",
	"envoy.config.route.v3.RouteConfiguration",
	"envoy.config.route.v3.ScopedRouteConfiguration",
	"envoy.config.route.v3.FilterConfig",
	"envoy.config.rbac.v3.RBAC",
	"envoy.config.metrics.v3.StatsdSink",
	"envoy.config.metrics.v3.MetricsServiceConfig",
	"envoy.config.trace.v3.ZipkinConfig",
	"envoy.config.trace.v3.OpenTelemetryConfig",
	"envoy.config.trace.v3.DatadogConfig",
	"envoy.service.discovery.v3.DiscoveryRequest",
	"envoy.service.discovery.v3.DiscoveryResponse",
	"envoy.service.discovery.v3.DeltaDiscoveryRequest",
	"envoy.service.discovery.v3.DeltaDiscoveryResponse",
	"envoy.service.auth.v3.CheckRequest",
	"envoy.service.auth.v3.CheckResponse",
	"envoy.service.ratelimit.v3.RateLimitRequest",
	"envoy.service.ratelimit.v3.RateLimitResponse",
	"envoy.service.accesslog.v3.StreamAccessLogsMessage",
	"envoy.service.accesslog.v3.StreamAccessLogsResponse",
	"envoy.type.matcher.v3.HttpRequestHeaderMatchInput",
	"envoy.type.matcher.v3.HttpResponseHeaderMatchInput",
	"envoy.type.matcher.v3.HttpRequestQueryParamMatchInput",
	"xds.type.matcher.v3.HttpAttributesCelMatchInput",
	"xds.core.v3.TypedExtensionConfig",
	"xds.data.orca.v3.OrcaLoadReport",
	"xds.type.matcher.v3.Matcher",
	"xds.type.matcher.v3.IPMatcher",
	"xds.type.matcher.v3.ServerNameMatcher",
	"xds.type.matcher.v3.CelMatcher",
	"xds.type.v3.TypedStruct",
	"google.protobuf.BoolValue",
	"google.protobuf.BytesValue",
	"google.protobuf.DoubleValue",
	"google.protobuf.FloatValue",
	"google.protobuf.Int32Value",
	"google.protobuf.Int64Value",
	"google.protobuf.StringValue",
	"google.protobuf.UInt32Value",
	"google.protobuf.UInt64Value",
	"google.protobuf.Struct",
	"google.protobuf.Empty",
	"google.rpc.Status",
}

func isExtensionPackage(name string) bool {
	return strings.HasPrefix(name, "envoy.extensions.")
}
