package dev.muster.gateway.otlp;

import dev.muster.gateway.signal.SampleBatch.Sample;
import dev.muster.gateway.signal.Series;
import dev.muster.protocol.AssetId;
import dev.muster.protocol.UplinkCodec;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceRequest;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.metrics.v1.AggregationTemporality;
import io.opentelemetry.proto.metrics.v1.DataPointFlags;
import io.opentelemetry.proto.metrics.v1.ExponentialHistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.HistogramDataPoint;
import io.opentelemetry.proto.metrics.v1.Metric;
import io.opentelemetry.proto.metrics.v1.NumberDataPoint;
import io.opentelemetry.proto.metrics.v1.ResourceMetrics;
import io.opentelemetry.proto.metrics.v1.ScopeMetrics;
import io.opentelemetry.proto.metrics.v1.SummaryDataPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Metrics as samples. A histogram becomes {@code _bucket} with the label {@code le} (cumulative, as Prometheus counts), {@code
 * _count}, {@code _sum}, {@code _min} and {@code _max}; an exponential one the same without buckets, whose bounds would be
 * new labels each time it scales; a summary {@code quantile}, {@code _count} and {@code _sum}.
 *
 * <p>Labels are the attributes of the point, and what tells programs on one asset apart: {@code service.name}, {@code
 * service.namespace}, {@code service.instance.id} and the name of the scope, {@code otel.scope.name}.
 */
final class OtlpMetrics {
    private static final List<String> IDENTITY = List.of("service.name", "service.namespace", "service.instance.id");

    private final List<Sample> samples = new ArrayList<>();
    private final Refusals refusals = new Refusals();

    private OtlpMetrics() {}

    record Read(List<Sample> samples, Refusals refusals) {}

    static Read read(AssetId asset, ExportMetricsServiceRequest request) {
        var reading = new OtlpMetrics();
        for (ResourceMetrics resource : request.getResourceMetricsList()) {
            if (reading.refusals.isOwn(asset, resource.getResource().getAttributesList(), points(resource))) {
                reading.resource(resource);
            }
        }
        return new Read(reading.samples, reading.refusals);
    }

    private static long points(ResourceMetrics resource) {
        return resource.getScopeMetricsList().stream()
                .flatMap(scope -> scope.getMetricsList().stream())
                .mapToLong(OtlpMetrics::points)
                .sum();
    }

    private static int points(Metric metric) {
        return switch (metric.getDataCase()) {
            case GAUGE -> metric.getGauge().getDataPointsCount();
            case SUM -> metric.getSum().getDataPointsCount();
            case HISTOGRAM -> metric.getHistogram().getDataPointsCount();
            case EXPONENTIAL_HISTOGRAM -> metric.getExponentialHistogram().getDataPointsCount();
            case SUMMARY -> metric.getSummary().getDataPointsCount();
            case DATA_NOT_SET -> 0;
        };
    }

    private void resource(ResourceMetrics resource) {
        Map<String, String> identity = new TreeMap<>();
        for (String name : IDENTITY) {
            String value = Values.attribute(resource.getResource().getAttributesList(), name);
            if (value != null && !value.isEmpty()) {
                identity.put(name, value);
            }
        }
        for (ScopeMetrics scope : resource.getScopeMetricsList()) {
            Map<String, String> labels = new TreeMap<>(identity);
            if (!scope.getScope().getName().isEmpty()) {
                labels.put("otel.scope.name", scope.getScope().getName());
            }
            scope.getMetricsList().forEach(metric -> metric(metric, labels));
        }
    }

    private void metric(Metric metric, Map<String, String> common) {
        switch (metric.getDataCase()) {
            case GAUGE ->
                metric.getGauge()
                        .getDataPointsList()
                        .forEach(point -> number(metric, common, point, Series.Kind.GAUGE));
            case SUM -> {
                Series.Kind kind = metric.getSum().getIsMonotonic()
                        ? counter(metric.getSum().getAggregationTemporality())
                        : metric.getSum().getAggregationTemporality()
                                        == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
                                ? Series.Kind.DELTA
                                : Series.Kind.GAUGE;
                metric.getSum().getDataPointsList().forEach(point -> number(metric, common, point, kind));
            }
            case HISTOGRAM -> {
                Series.Kind kind = counter(metric.getHistogram().getAggregationTemporality());
                metric.getHistogram().getDataPointsList().forEach(point -> histogram(metric, common, point, kind));
            }
            case EXPONENTIAL_HISTOGRAM -> {
                Series.Kind kind = counter(metric.getExponentialHistogram().getAggregationTemporality());
                metric.getExponentialHistogram()
                        .getDataPointsList()
                        .forEach(point -> exponential(metric, common, point, kind));
            }
            case SUMMARY -> metric.getSummary().getDataPointsList().forEach(point -> summary(metric, common, point));
            case DATA_NOT_SET -> refusals.add(1, "metric " + metric.getName() + " has no data of a known kind");
        }
    }

    private static Series.Kind counter(AggregationTemporality temporality) {
        return temporality == AggregationTemporality.AGGREGATION_TEMPORALITY_DELTA
                ? Series.Kind.DELTA
                : Series.Kind.COUNTER;
    }

    private void number(Metric metric, Map<String, String> common, NumberDataPoint point, Series.Kind kind) {
        if (isWithoutValue(point.getFlags())) {
            return;
        }
        var part = new Part(metric, common, point.getAttributesList(), point.getTimeUnixNano());
        part.add(
                "",
                null,
                kind,
                switch (point.getValueCase()) {
                    case AS_DOUBLE -> point.getAsDouble();
                    case AS_INT -> point.getAsInt();
                    case VALUE_NOT_SET -> Double.NaN;
                });
        take(part);
    }

    private void histogram(Metric metric, Map<String, String> common, HistogramDataPoint point, Series.Kind kind) {
        if (isWithoutValue(point.getFlags())) {
            return;
        }
        var part = new Part(metric, common, point.getAttributesList(), point.getTimeUnixNano());
        if (point.getBucketCountsCount() > 0 && point.getBucketCountsCount() != point.getExplicitBoundsCount() + 1) {
            refusals.add(
                    1,
                    "histogram " + metric.getName() + " has " + point.getBucketCountsCount() + " buckets and "
                            + point.getExplicitBoundsCount() + " bounds");
            return;
        }
        long sum = 0;
        for (int i = 0; i < point.getBucketCountsCount(); i++) {
            sum += point.getBucketCounts(i);
            part.add(
                    "_bucket",
                    i < point.getExplicitBoundsCount() ? bound(point.getExplicitBounds(i)) : "+Inf",
                    kind,
                    sum);
        }
        part.add("_count", null, kind, point.getCount());
        if (point.hasSum()) {
            part.add("_sum", null, kind, point.getSum());
        }
        if (point.hasMin()) {
            part.add("_min", null, Series.Kind.GAUGE, point.getMin());
        }
        if (point.hasMax()) {
            part.add("_max", null, Series.Kind.GAUGE, point.getMax());
        }
        take(part);
    }

    private void exponential(
            Metric metric, Map<String, String> common, ExponentialHistogramDataPoint point, Series.Kind kind) {
        if (isWithoutValue(point.getFlags())) {
            return;
        }
        var part = new Part(metric, common, point.getAttributesList(), point.getTimeUnixNano());
        part.add("_count", null, kind, point.getCount());
        if (point.hasSum()) {
            part.add("_sum", null, kind, point.getSum());
        }
        if (point.hasMin()) {
            part.add("_min", null, Series.Kind.GAUGE, point.getMin());
        }
        if (point.hasMax()) {
            part.add("_max", null, Series.Kind.GAUGE, point.getMax());
        }
        take(part);
    }

    private void summary(Metric metric, Map<String, String> common, SummaryDataPoint point) {
        if (isWithoutValue(point.getFlags())) {
            return;
        }
        var part = new Part(metric, common, point.getAttributesList(), point.getTimeUnixNano());
        point.getQuantileValuesList().forEach(each -> {
            part.labels.put("quantile", bound(each.getQuantile()));
            part.add("", null, Series.Kind.GAUGE, each.getValue());
        });
        part.labels.remove("quantile");
        part.add("_count", null, Series.Kind.COUNTER, point.getCount());
        part.add("_sum", null, Series.Kind.COUNTER, point.getSum());
        take(part);
    }

    private static boolean isWithoutValue(int flags) {
        return (flags & DataPointFlags.DATA_POINT_FLAGS_NO_RECORDED_VALUE_MASK_VALUE) != 0;
    }

    /** {@code 0.5}, {@code 10}: as Prometheus writes bounds. */
    private static String bound(double value) {
        return value == Math.rint(value) && Math.abs(value) < 1e15
                ? Long.toString((long) value)
                : Double.toString(value);
    }

    /** All samples of one point are taken, or none. */
    private void take(Part part) {
        if (part.problem == null) {
            samples.addAll(part.samples);
        } else {
            refusals.add(1, part.problem);
        }
    }

    private static final class Part {
        private final Metric metric;
        private final Map<String, String> labels;
        private final long ts;
        private final List<Sample> samples = new ArrayList<>(1);
        private @Nullable String problem;

        Part(Metric metric, Map<String, String> common, List<KeyValue> attributes, long nanos) {
            this.metric = metric;
            this.labels = new TreeMap<>(common);
            this.ts = Long.divideUnsigned(nanos, 1_000_000);
            for (KeyValue each : attributes) {
                labels.put(each.getKey(), Values.text(each.getValue(), Series.MAX_LABEL_LENGTH + 1));
            }
            if (ts != 0 && (ts < UplinkCodec.MIN_TS || ts > UplinkCodec.MAX_TS)) {
                problem = "metric " + metric.getName() + " has the time " + Long.toUnsignedString(nanos)
                        + " ns, which is not from 2001 to 2100";
            }
        }

        void add(String suffix, @Nullable String le, Series.Kind kind, double value) {
            Map<String, String> all = labels;
            if (le != null) {
                all = new TreeMap<>(labels);
                all.put("le", le);
            }
            var series = new Series(metric.getName() + suffix, all, kind, Values.cut(metric.getUnit(), 63));
            String why = series.problem();
            if (why != null) {
                problem = why;
            } else if (!Double.isFinite(value)) {
                problem = "metric " + metric.getName() + " has the value " + value + ", finite ones are allowed";
            } else {
                samples.add(new Sample(series, ts, value));
            }
        }
    }
}
