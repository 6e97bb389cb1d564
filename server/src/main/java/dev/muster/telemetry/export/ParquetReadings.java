package dev.muster.telemetry.export;

import dev.muster.telemetry.store.MetricKind;
import dev.muster.telemetry.store.TelemetryStore.AssetReading;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * Apache Parquet, format 1: {@code ts} (a timestamp of milliseconds, UTC), {@code asset}, and an optional column for each metric:
 * DOUBLE, BOOLEAN or a UTF-8 string.
 *
 * <p>The rows of one call are a row group, each column of it one page, PLAIN and packed with gzip. Written from the front to the
 * back, so nothing is kept but the places of the pages. The libraries that write this format bring Hadoop along; readers are
 * everywhere, and the tests use one of them.
 *
 * @see <a href="https://parquet.apache.org/docs/file-format/">File format</a>
 */
public final class ParquetReadings implements ReadingsFile {
    private static final byte[] MAGIC = "PAR1".getBytes(StandardCharsets.US_ASCII);
    private static final int BOOLEAN = 0;
    private static final int INT64 = 2;
    private static final int DOUBLE = 5;
    private static final int BYTE_ARRAY = 6;
    private static final int REQUIRED = 0;
    private static final int OPTIONAL = 1;
    private static final int PLAIN = 0;
    private static final int RLE = 3;
    private static final int GZIP = 2;
    private static final int UTF8 = 0;
    private static final int TIMESTAMP_MILLIS = 9;

    private final OutputStream out;
    private final List<Column> columns = new ArrayList<>();
    private final List<RowGroup> groups = new ArrayList<>();
    private long position;
    private long rows;

    /** @param value of a row; null only where it is optional */
    private record Column(String name, int type, int repetition, Function<AssetReading, @Nullable Object> value) {}

    private record Chunk(long offset, long packed, long unpacked) {}

    private record RowGroup(int rows, List<Chunk> chunks) {}

    public ParquetReadings(OutputStream out, List<String> metrics, List<MetricKind> kinds) throws IOException {
        this.out = out;
        columns.add(new Column("ts", INT64, REQUIRED, AssetReading::ts));
        columns.add(new Column("asset", BYTE_ARRAY, REQUIRED, AssetReading::asset));
        for (int i = 0; i < metrics.size(); i++) {
            int at = i;
            int type = switch (kinds.get(i)) {
                case NUMBER -> DOUBLE;
                case BOOLEAN -> BOOLEAN;
                case TEXT -> BYTE_ARRAY;
            };
            columns.add(new Column(
                    metrics.get(i), type, OPTIONAL, row -> row.values().get(at)));
        }
        write(MAGIC);
    }

    @Override
    public void rows(List<AssetReading> some) throws IOException {
        if (some.isEmpty()) {
            return;
        }
        List<Chunk> chunks = new ArrayList<>();
        for (Column column : columns) {
            chunks.add(chunk(column, some));
        }
        groups.add(new RowGroup(some.size(), chunks));
        rows += some.size();
    }

    private Chunk chunk(Column column, List<AssetReading> some) throws IOException {
        byte[] page = page(column, some);
        byte[] packed = gzip(page);
        byte[] header = new ThriftOut()
                .i32(1, 0) // a data page
                .i32(2, page.length)
                .i32(3, packed.length)
                .struct(5)
                .i32(1, some.size())
                .i32(2, PLAIN)
                .i32(3, RLE)
                .i32(4, RLE)
                .end()
                .finish();
        long offset = position;
        write(header);
        write(packed);
        return new Chunk(offset, header.length + packed.length, header.length + page.length);
    }

    /** Which rows have a value, where that is open; then the values of those that have one. */
    private static byte[] page(Column column, List<AssetReading> some) {
        ByteArrayOutputStream page = new ByteArrayOutputStream();
        Bits present = new Bits();
        Bits truths = new Bits();
        ByteArrayOutputStream values = new ByteArrayOutputStream();
        for (AssetReading row : some) {
            Object value = column.value().apply(row);
            present.add(value != null);
            if (value == null) {
                continue;
            }
            switch (column.type()) {
                case BOOLEAN -> truths.add((Boolean) value);
                case INT64 -> values.writeBytes(little(8).putLong((Long) value).array());
                case DOUBLE ->
                    values.writeBytes(little(8).putDouble((Double) value).array());
                default -> {
                    byte[] text = value.toString().getBytes(StandardCharsets.UTF_8);
                    values.writeBytes(little(4).putInt(text.length).array());
                    values.writeBytes(text);
                }
            }
        }
        if (column.repetition() == OPTIONAL) {
            byte[] levels = present.packedRun();
            page.writeBytes(little(4).putInt(levels.length).array());
            page.writeBytes(levels);
        }
        page.writeBytes(column.type() == BOOLEAN ? truths.bytes() : values.toByteArray());
        return page.toByteArray();
    }

    /** Bits, the first one lowest. */
    private static final class Bits {
        private final ByteArrayOutputStream full = new ByteArrayOutputStream();
        private int current;
        private int count;

        void add(boolean bit) {
            current |= bit ? 1 << count % 8 : 0;
            count++;
            if (count % 8 == 0) {
                full.write(current);
                current = 0;
            }
        }

        byte[] bytes() {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            all.writeBytes(full.toByteArray());
            if (count % 8 != 0) {
                all.write(current);
            }
            return all.toByteArray();
        }

        /** As one bit-packed run of the RLE hybrid: how many groups of eight, then they. */
        byte[] packedRun() {
            ByteArrayOutputStream run = new ByteArrayOutputStream();
            int header = (count + 7) / 8 << 1 | 1;
            while ((header & ~0x7f) != 0) {
                run.write(header & 0x7f | 0x80);
                header >>>= 7;
            }
            run.write(header);
            run.writeBytes(bytes());
            return run.toByteArray();
        }
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        }
        return packed.toByteArray();
    }

    @Override
    public void end() throws IOException {
        byte[] footer = footer();
        write(footer);
        write(little(4).putInt(footer.length).array());
        write(MAGIC);
        out.flush();
    }

    private byte[] footer() {
        ThriftOut footer = new ThriftOut().i32(1, 1).structs(2, columns.size() + 1);
        footer.element().text(4, "readings").i32(5, columns.size()).end();
        columns.forEach(column -> describe(footer, column));
        footer.i64(3, rows).structs(4, groups.size());
        groups.forEach(group -> describe(footer, group));
        return footer.text(6, "muster").finish();
    }

    private static void describe(ThriftOut footer, Column column) {
        footer.element().i32(1, column.type()).i32(3, column.repetition()).text(4, column.name());
        if (column.type() == BYTE_ARRAY) {
            footer.i32(6, UTF8).struct(10).emptyStruct(1).end();
        } else if (column.type() == INT64) {
            footer.i32(6, TIMESTAMP_MILLIS)
                    .struct(10)
                    .struct(8)
                    .truth(1, true)
                    .struct(2)
                    .emptyStruct(1)
                    .end()
                    .end()
                    .end();
        }
        footer.end();
    }

    private void describe(ThriftOut footer, RowGroup group) {
        footer.element().structs(1, columns.size());
        long bytes = 0;
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            Chunk chunk = Objects.requireNonNull(group.chunks().get(i));
            bytes += chunk.unpacked();
            footer.element()
                    .i64(2, chunk.offset())
                    .struct(3)
                    .i32(1, column.type())
                    .i32s(2, PLAIN, RLE)
                    .texts(3, column.name())
                    .i32(4, GZIP)
                    .i64(5, group.rows())
                    .i64(6, chunk.unpacked())
                    .i64(7, chunk.packed())
                    .i64(9, chunk.offset())
                    .end()
                    .end();
        }
        footer.i64(2, bytes).i64(3, group.rows()).end();
    }

    private void write(byte[] bytes) throws IOException {
        out.write(bytes);
        position += bytes.length;
    }
}
