package dev.muster.telemetry.export;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Writes structs of Thrift's compact protocol, as far as Parquet's metadata needs them. */
final class ThriftOut {
    private static final int TRUE = 1;
    private static final int FALSE = 2;
    private static final int I32 = 5;
    private static final int I64 = 6;
    private static final int BINARY = 8;
    private static final int LIST = 9;
    private static final int STRUCT = 12;
    private static final int MAX_DEPTH = 16;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final int[] lastField = new int[MAX_DEPTH];
    private int depth;

    ThriftOut i32(int field, int value) {
        header(field, I32);
        varint(zigzag(value));
        return this;
    }

    ThriftOut i64(int field, long value) {
        header(field, I64);
        varint(zigzag(value));
        return this;
    }

    ThriftOut truth(int field, boolean value) {
        header(field, value ? TRUE : FALSE);
        return this;
    }

    ThriftOut text(int field, String value) {
        header(field, BINARY);
        text(value);
        return this;
    }

    /** Then the fields of the struct, then {@link #end}. */
    ThriftOut struct(int field) {
        header(field, STRUCT);
        lastField[++depth] = 0;
        return this;
    }

    ThriftOut emptyStruct(int field) {
        return struct(field).end();
    }

    /** Then that many structs, each from {@link #element} to {@link #end}. */
    ThriftOut structs(int field, int count) {
        list(field, count, STRUCT);
        return this;
    }

    ThriftOut element() {
        lastField[++depth] = 0;
        return this;
    }

    ThriftOut i32s(int field, int... values) {
        list(field, values.length, I32);
        for (int value : values) {
            varint(zigzag(value));
        }
        return this;
    }

    ThriftOut texts(int field, String... values) {
        list(field, values.length, BINARY);
        for (String value : values) {
            text(value);
        }
        return this;
    }

    ThriftOut end() {
        bytes.write(0);
        depth--;
        return this;
    }

    /** Of the outermost struct. */
    byte[] finish() {
        bytes.write(0);
        return bytes.toByteArray();
    }

    private void list(int field, int count, int type) {
        header(field, LIST);
        if (count < 15) {
            bytes.write(count << 4 | type);
        } else {
            bytes.write(0xf0 | type);
            varint(count);
        }
    }

    private void header(int field, int type) {
        bytes.write((field - lastField[depth]) << 4 | type);
        lastField[depth] = field;
    }

    private void text(String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        varint(utf8.length);
        bytes.writeBytes(utf8);
    }

    private static long zigzag(long value) {
        return value << 1 ^ value >> 63;
    }

    private void varint(long value) {
        long left = value;
        while ((left & ~0x7fL) != 0) {
            bytes.write((int) (left & 0x7f | 0x80));
            left >>>= 7;
        }
        bytes.write((int) left);
    }
}
