package dev.muster.registry.bulk;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** One line of an import's answer (NDJSON): what happened so far, or finally. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "type")
@JsonSubTypes({
    @JsonSubTypes.Type(value = ImportLine.Progress.class, name = "progress"),
    @JsonSubTypes.Type(value = ImportLine.Rejected.class, name = "rejected"),
    @JsonSubTypes.Type(value = ImportLine.Summary.class, name = "summary"),
    @JsonSubTypes.Type(value = ImportLine.Failed.class, name = "failed")
})
public sealed interface ImportLine {
    /** @param rows read so far; {@code bytes} of {@code totalBytes} of the file */
    record Progress(long rows, long bytes, long totalBytes) implements ImportLine {}

    /** @param line of the file where the row begins; @param id as far as it could be read */
    record Rejected(int line, String id, String message) implements ImportLine {}

    /**
     * The last line when the file was read to its end.
     *
     * @param imported false when {@code strict} was asked for and a row was rejected: then nothing was changed
     */
    record Summary(
            String id,
            long rows,
            long created,
            long updated,
            long unchanged,
            long rejected,
            boolean imported,
            long milliseconds)
            implements ImportLine {}

    /** The last line when the import stopped; rows that were reported as progress stay imported unless {@code strict}. */
    record Failed(String message) implements ImportLine {}
}
