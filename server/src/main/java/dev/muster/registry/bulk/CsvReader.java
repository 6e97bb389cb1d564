package dev.muster.registry.bulk;

import java.io.Closeable;
import java.io.IOException;
import java.io.PushbackReader;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads CSV (RFC 4180) record by record in bounded memory. A record that is not CSV is reported with its line, and reading goes
 * on at the next line.
 */
final class CsvReader implements Closeable {
    static final int MAX_RECORD = 64 * 1024;
    static final int MAX_FIELDS = 200;

    private static final int END = -1;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    /**
     * One record.
     *
     * @param line where it begins, from 1
     * @param problem why the fields cannot be used, {@code null} when they can
     */
    record Row(int line, List<String> fields, @Nullable String problem) {}

    /** Carries the reason out of the middle of a record. */
    private static final class Malformed extends Exception {
        private static final long serialVersionUID = 1;

        Malformed(String message) {
            super(message, null, false, false);
        }
    }

    private final PushbackReader in;
    private int line = 1;
    private int length;

    CsvReader(Reader in) {
        this.in = new PushbackReader(in, 1);
    }

    /** The next record that is not an empty line, {@code null} at the end. */
    @Nullable Row next() throws IOException {
        if (line == 1) {
            int first = in.read();
            if (first != END && first != BYTE_ORDER_MARK) {
                in.unread(first);
            }
        }
        int c = in.read();
        while (c == '\n' || c == '\r') {
            endOfLine(c);
            c = in.read();
        }
        if (c == END) {
            return null;
        }
        in.unread(c);
        int start = line;
        length = 0;
        try {
            return new Row(start, record(), null);
        } catch (Malformed reason) {
            skipLine();
            return new Row(start, List.of(), String.valueOf(reason.getMessage()));
        }
    }

    private List<String> record() throws IOException, Malformed {
        List<String> fields = new ArrayList<>();
        while (true) {
            if (fields.size() == MAX_FIELDS) {
                throw new Malformed("has more than " + MAX_FIELDS + " fields");
            }
            fields.add(field());
            int c = in.read();
            if (c != ',') {
                endOfLine(c);
                return fields;
            }
        }
    }

    private String field() throws IOException, Malformed {
        int c = in.read();
        if (c == '"') {
            return quoted();
        }
        StringBuilder text = new StringBuilder();
        while (c != ',' && c != '\n' && c != '\r' && c != END) {
            if (c == '"') {
                throw new Malformed("has a quote inside of a field that does not begin with one; write the field as"
                        + " \"…\" with the quote doubled");
            }
            text.append(counted(c));
            c = in.read();
        }
        if (c != END) {
            in.unread(c);
        }
        return text.toString();
    }

    private String quoted() throws IOException, Malformed {
        StringBuilder text = new StringBuilder();
        while (true) {
            int c = in.read();
            if (c == END) {
                throw new Malformed("has a quote that is never closed");
            }
            if (c == '"') {
                int next = in.read();
                if (next != '"') {
                    if (next != ',' && next != '\n' && next != '\r' && next != END) {
                        throw new Malformed("has text after a closing quote");
                    }
                    if (next != END) {
                        in.unread(next);
                    }
                    return text.toString();
                }
            }
            if (c == '\n') {
                line++;
            }
            text.append(counted(c));
        }
    }

    private char counted(int c) throws Malformed {
        if (++length > MAX_RECORD) {
            throw new Malformed("has more than " + MAX_RECORD + " characters; is a quote never closed?");
        }
        return (char) c;
    }

    private void skipLine() throws IOException {
        int c = in.read();
        while (c != '\n' && c != '\r' && c != END) {
            c = in.read();
        }
        endOfLine(c);
    }

    private void endOfLine(int c) throws IOException {
        if (c == '\r') {
            int next = in.read();
            if (next != '\n' && next != END) {
                in.unread(next);
            }
        }
        if (c != END) {
            line++;
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
