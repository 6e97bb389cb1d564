package dev.muster.gateway.prometheus;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import dev.muster.gateway.signal.SampleBatch.Sample;
import dev.muster.gateway.signal.Series;
import dev.muster.protocol.MalformedPayloadException;
import dev.muster.protocol.UplinkCodec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Reads a write request of either version straight from its bytes.
 *
 * <pre>
 * prometheus.WriteRequest (1.0)                      io.prometheus.write.v2.Request (2.0)
 *   1 timeseries: 1 labels: 1 name, 2 value            4 symbols, the first one empty
 *                 2 samples: 1 double, 2 ms            5 timeseries: 1 label refs in pairs, 2 samples: 1 double, 2 ms
 *                 3 exemplars  4 histograms                          3 histograms  4 exemplars
 *   3 metadata                                                       5 metadata: 1 type, 3 help ref, 4 unit ref
 * </pre>
 */
final class RemoteWrite {
    /** How Prometheus says that a series has ended: a NaN of its own. It is taken, and nothing is stored for it. */
    static final long STALE = 0x7ff0000000000002L;

    private static final int MAX_SYMBOLS = 1 << 20;
    private static final int COUNTER = 1;
    private static final int GAUGE = 2;

    private final List<Sample> samples = new ArrayList<>();
    private final List<String> symbols = new ArrayList<>();
    private int taken;
    private int refused;
    private int histograms;
    private String firstRefusal = "";

    private RemoteWrite() {}

    /**
     * @param taken samples, those among them that end a series
     * @param histograms native ones, which are not kept
     */
    record Read(List<Sample> samples, int taken, int refused, int histograms, String firstRefusal) {}

    static Read read(byte[] request, boolean isSecond) throws MalformedPayloadException {
        var reading = new RemoteWrite();
        CodedInputStream in = CodedInputStream.newInstance(request);
        try {
            if (isSecond) {
                reading.symbols(request);
            }
            int seriesField = isSecond ? 5 : 1;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (isBytes(tag, seriesField)) {
                    int end = in.pushLimit(in.readRawVarint32());
                    reading.series(in, isSecond);
                    in.popLimit(end);
                } else {
                    in.skipField(tag);
                }
            }
        } catch (InvalidProtocolBufferException e) {
            throw new MalformedPayloadException("the body is not readable as protobuf: " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException("reading from memory failed", e);
        }
        return new Read(reading.samples, reading.taken, reading.refused, reading.histograms, reading.firstRefusal);
    }

    private static boolean isBytes(int tag, int field) {
        return WireFormat.getTagFieldNumber(tag) == field
                && WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /** They may stand behind the series that refer to them. */
    private void symbols(byte[] request) throws IOException, MalformedPayloadException {
        CodedInputStream in = CodedInputStream.newInstance(request);
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            if (isBytes(tag, 4)) {
                if (symbols.size() == MAX_SYMBOLS) {
                    throw new MalformedPayloadException("the request has more than " + MAX_SYMBOLS + " symbols");
                }
                symbols.add(in.readStringRequireUtf8());
            } else {
                in.skipField(tag);
            }
        }
    }

    private record Value(long ts, double value) {}

    private void series(CodedInputStream in, boolean isSecond) throws IOException, MalformedPayloadException {
        Map<String, String> labels = new TreeMap<>();
        List<Integer> references = new ArrayList<>();
        List<Value> values = new ArrayList<>();
        int ofBuckets = 0;
        int type = 0;
        String unit = "";
        int histogramField = isSecond ? 3 : 4;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            int field = WireFormat.getTagFieldNumber(tag);
            if (field == 1 && isSecond) {
                references(in, tag, references);
            } else if (isBytes(tag, 1)) {
                label(in, labels);
            } else if (isBytes(tag, 2)) {
                values.add(value(in));
            } else if (isBytes(tag, histogramField)) {
                ofBuckets++;
                in.skipField(tag);
            } else if (isSecond && isBytes(tag, 5)) {
                int end = in.pushLimit(in.readRawVarint32());
                for (int inner = in.readTag(); inner != 0; inner = in.readTag()) {
                    switch (WireFormat.getTagFieldNumber(inner)) {
                        case 1 -> type = in.readEnum();
                        case 4 -> unit = symbol(in.readUInt32());
                        default -> in.skipField(inner);
                    }
                }
                in.popLimit(end);
            } else {
                in.skipField(tag);
            }
        }
        for (int i = 0; i + 1 < references.size(); i += 2) {
            labels.put(symbol(references.get(i)), symbol(references.get(i + 1)));
        }
        take(labels, values, ofBuckets, type, unit);
    }

    /** Packed, or one by one. */
    private static void references(CodedInputStream in, int tag, List<Integer> references) throws IOException {
        if (WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED) {
            int end = in.pushLimit(in.readRawVarint32());
            while (in.getBytesUntilLimit() > 0) {
                references.add(in.readUInt32());
            }
            in.popLimit(end);
        } else {
            references.add(in.readUInt32());
        }
    }

    private String symbol(int reference) throws MalformedPayloadException {
        if (reference < 0 || reference >= symbols.size()) {
            throw new MalformedPayloadException("a series refers to symbol " + reference + " of " + symbols.size());
        }
        return symbols.get(reference);
    }

    private static void label(CodedInputStream in, Map<String, String> labels) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        String name = "";
        String value = "";
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> name = in.readStringRequireUtf8();
                case 2 -> value = in.readStringRequireUtf8();
                default -> in.skipField(tag);
            }
        }
        in.popLimit(end);
        labels.put(name, value);
    }

    private static Value value(CodedInputStream in) throws IOException {
        int end = in.pushLimit(in.readRawVarint32());
        double value = 0;
        long ts = 0;
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            switch (WireFormat.getTagFieldNumber(tag)) {
                case 1 -> value = in.readDouble();
                case 2 -> ts = in.readInt64();
                default -> in.skipField(tag);
            }
        }
        in.popLimit(end);
        return new Value(ts, value);
    }

    private void take(Map<String, String> labels, List<Value> values, int nativeOnes, int type, String unit) {
        histograms += nativeOnes;
        if (nativeOnes > 0) {
            refuse(nativeOnes, "native histograms are not kept, classic ones are");
        }
        String name = labels.remove("__name__");
        labels.values().removeIf(String::isEmpty); // the same as none, in Prometheus
        var series = new Series(name == null ? "" : name, labels, kind(type, name), unit.length() > 63 ? "" : unit);
        String problem = name == null ? "a series has no label __name__" : series.problem();
        if (problem != null) {
            refuse(values.size(), problem);
            return;
        }
        for (Value each : values) {
            String why = problem(each);
            if (why != null) {
                refuse(1, "series " + name + " has " + why);
                continue;
            }
            taken++;
            if (Double.doubleToRawLongBits(each.value()) != STALE && !Double.isNaN(each.value())) {
                samples.add(new Sample(series, each.ts(), each.value()));
            }
        }
    }

    private static @Nullable String problem(Value value) {
        if (value.ts() < UplinkCodec.MIN_TS || value.ts() > UplinkCodec.MAX_TS) {
            return "a sample of the time " + value.ts() + " ms, which is not from 2001 to 2100";
        }
        return Double.isInfinite(value.value()) ? "an infinite value, finite ones are allowed" : null;
    }

    private void refuse(int count, String why) {
        if (count > 0 && refused == 0) {
            firstRefusal = why;
        }
        refused += count;
    }

    /** By what it says, else by its name. */
    private static Series.Kind kind(int type, @Nullable String name) {
        if (type == COUNTER) {
            return Series.Kind.COUNTER;
        }
        if (type == GAUGE) {
            return Series.Kind.GAUGE;
        }
        boolean counts = name != null
                && (name.endsWith("_total")
                        || name.endsWith("_count")
                        || name.endsWith("_sum")
                        || name.endsWith("_bucket"));
        return counts ? Series.Kind.COUNTER : Series.Kind.UNKNOWN;
    }
}
