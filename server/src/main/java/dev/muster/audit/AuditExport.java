package dev.muster.audit;

import dev.muster.identity.Actor;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.platform.page.Page;
import dev.muster.platform.page.PageRequest;
import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Writes entries of the audit trail as a file, page by page: however long it is, one page is in memory. */
enum AuditExport {
    JSONL(AuditExport.JSON_LINES) {
        @Override
        String line(AuditEntry entry) {
            return JSON.writeValueAsString(entry) + "\n";
        }

        @Override
        String cut(String last) {
            return JSON.writeValueAsString(Map.of("cut", true, "to", last)) + "\n";
        }
    },
    CSV_FILE(AuditExport.CSV) {
        @Override
        String head() {
            return "at,actor,actorKind,action,objectKind,objectName,before,after,requestId,remoteAddress\r\n";
        }

        @Override
        String line(AuditEntry entry) {
            List<String> cells = new ArrayList<>();
            for (@Nullable Object cell : new @Nullable Object[] {
                entry.at(),
                entry.actor(),
                entry.actorKind(),
                entry.action(),
                entry.objectKind(),
                entry.objectName(),
                entry.before(),
                entry.after(),
                entry.requestId(),
                entry.remoteAddress()
            }) {
                cells.add(
                        quoted(cell instanceof JsonNode json ? json.toString() : cell == null ? "" : cell.toString()));
            }
            return String.join(",", cells) + "\r\n";
        }

        @Override
        String cut(String last) {
            return "# cut after " + MAX_ENTRIES + " entries; go on with to=" + last + "\r\n";
        }
    };

    static final String JSON_LINES = "application/x-ndjson";
    static final String CSV = "text/csv";
    static final int MAX_ENTRIES = 100_000;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final String mediaType;

    AuditExport(String mediaType) {
        this.mediaType = mediaType;
    }

    static AuditExport of(String format) {
        return switch (format) {
            case "jsonl" -> JSONL;
            case "csv" -> CSV_FILE;
            default -> throw new Refusal(ErrorCode.INVALID, "format is \"" + format + "\"; allowed are jsonl and csv");
        };
    }

    String mediaType() {
        return mediaType;
    }

    String head() {
        return "";
    }

    abstract String line(AuditEntry entry);

    /** @param last the moment of the last entry that was written */
    abstract String cut(String last);

    void write(AuditTrail trail, Actor actor, AuditQuery query, Writer out) throws IOException {
        out.write(head());
        String token = null;
        String last = "";
        int written = 0;
        do {
            Page<AuditEntry> page = trail.find(actor, query, new PageRequest(PageRequest.MAX_LIMIT, token));
            for (AuditEntry entry : page.items()) {
                out.write(line(entry));
                last = entry.at().toString();
            }
            written += page.items().size();
            token = page.next();
        } while (token != null && written < MAX_ENTRIES);
        if (token != null) {
            out.write(cut(last));
        }
    }

    /** A cell that begins as a formula would is not one for a spreadsheet. */
    private static String quoted(String cell) {
        String safe = cell.startsWith("=") || cell.startsWith("+") || cell.startsWith("-") || cell.startsWith("@")
                ? "'" + cell
                : cell;
        boolean plain = safe.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
        return plain ? safe : "\"" + safe.replace("\"", "\"\"") + "\"";
    }
}
