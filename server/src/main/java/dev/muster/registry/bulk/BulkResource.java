package dev.muster.registry.bulk;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import dev.muster.registry.asset.AssetDirectory;
import dev.muster.registry.asset.AssetFilter;
import dev.muster.registry.group.GroupSweep;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.responses.ApiResponse;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedWriter;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.transaction.TransactionException;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.json.JsonMapper;

/** Import and export of assets over HTTP. */
@RestController
@Tag(name = "assets")
@RequestMapping("/api/v1/assets")
public class BulkResource {
    static final long MAX_BYTES = 256L * 1024 * 1024;
    static final int MAX_LABEL_COLUMNS = CsvReader.MAX_FIELDS - CsvColumns.FIXED.size();

    private static final Logger LOG = LoggerFactory.getLogger(BulkResource.class);
    private static final JsonMapper JSON = JsonMapper.shared();

    private final AssetImport imports;
    private final AssetDirectory directory;
    private final GroupSweep sweep;

    BulkResource(AssetImport imports, AssetDirectory directory, GroupSweep sweep) {
        this.imports = imports;
        this.directory = directory;
        this.sweep = sweep;
    }

    /**
     * Answers NDJSON of {@link ImportLine}s. The file is received whole before the first line is sent, because a client that
     * sends and does not read yet would otherwise wait for a server that waits for it.
     */
    @PostMapping(path = "/import", consumes = "text/csv", produces = "application/x-ndjson")
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(
            operationId = "importAssets",
            summary = "Imports assets from CSV; answers lines of JSON: progress, rejected rows, and at last a summary",
            description = "strict: all rows or none. dryRun: the same answer, and nothing is changed.",
            requestBody =
                    @RequestBody(
                            required = true,
                            content = @Content(mediaType = "text/csv", schema = @Schema(type = "string"))))
    @ApiResponse(
            responseCode = "200",
            description = "read to the end, or stopped: the last line says which",
            content = @Content(mediaType = "application/x-ndjson", schema = @Schema(implementation = ImportLine.class)))
    public void importAssets(
            Actor actor,
            @RequestParam(defaultValue = "false") boolean strict,
            @RequestParam(defaultValue = "false") boolean dryRun,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        AssetImport.Mode mode =
                dryRun ? AssetImport.Mode.TRIAL : strict ? AssetImport.Mode.STRICT : AssetImport.Mode.LENIENT;
        Path file = Files.createTempFile("muster-import", ".csv");
        try {
            receive(request.getInputStream(), file);
            CountedStream bytes = new CountedStream(Files.newInputStream(file));
            try (CsvReader rows = new CsvReader(new InputStreamReader(bytes, StandardCharsets.UTF_8))) {
                CsvColumns columns = CsvColumns.ofHeader(rows.next());
                response.setContentType("application/x-ndjson");
                OutputStream out = response.getOutputStream();
                write(out, outcome(actor, rows, columns, mode, Files.size(file), bytes, out));
            }
        } finally {
            Files.deleteIfExists(file);
        }
        if (!dryRun) {
            sweep.sweepSoon();
        }
    }

    /** The assets of the actor that a selector selects, in the form that an import takes. */
    @GetMapping(path = "/export", produces = "text/csv")
    @Requires(verb = Verb.READ, kind = Kind.ASSET)
    @Operation(operationId = "exportAssets", summary = "Exports assets as CSV, in the form that an import takes")
    @ApiResponse(
            responseCode = "200",
            description = "one row for each asset",
            content = @Content(mediaType = "text/csv", schema = @Schema(type = "string")))
    public void export(
            Actor actor,
            @RequestParam(required = false) @Nullable String selector,
            @RequestParam(required = false) @Nullable String q,
            HttpServletResponse response)
            throws IOException {
        AssetFilter filter = directory.filter(actor, selector, q);
        Set<String> keys = new TreeSet<>();
        directory.forEach(filter, asset -> keys.addAll(asset.labels().keySet()));
        if (keys.size() > MAX_LABEL_COLUMNS) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE,
                    "the assets have " + keys.size() + " different labels, a file has at most " + MAX_LABEL_COLUMNS
                            + " label columns; narrow the selector");
        }
        CsvColumns columns = CsvColumns.of(keys);
        response.setContentType("text/csv;charset=UTF-8");
        response.setHeader("Content-Disposition", "attachment; filename=\"assets.csv\"");
        try (Writer out = new BufferedWriter(
                new OutputStreamWriter(response.getOutputStream(), StandardCharsets.UTF_8), 64 * 1024)) {
            out.write(line(columns.names()));
            directory.forEach(filter, asset -> {
                try {
                    out.write(line(columns.cells(asset)));
                } catch (IOException gone) {
                    throw new UncheckedIOException(gone);
                }
            });
        } catch (UncheckedIOException gone) {
            throw gone.getCause();
        }
    }

    private ImportLine outcome(
            Actor actor,
            CsvReader rows,
            CsvColumns columns,
            AssetImport.Mode mode,
            long size,
            CountedStream bytes,
            OutputStream out) {
        try {
            return imports.run(actor, rows, columns, mode, size, () -> bytes.count, line -> write(out, line));
        } catch (DataAccessException | TransactionException failure) {
            LOG.warn("an import of {} stopped: the database refused", actor, failure);
            return new ImportLine.Failed("the database does not answer; see /readyz, then import the file again:"
                    + " rows that are imported already are passed over as unchanged");
        }
    }

    private static void receive(InputStream in, Path file) throws IOException {
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] buffer = new byte[64 * 1024];
            long total = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                total += read;
                if (total > MAX_BYTES) {
                    throw new Refusal(
                            ErrorCode.TOO_LARGE,
                            "the file has more than " + MAX_BYTES + " bytes; split it, each part with the header");
                }
                out.write(buffer, 0, read);
            }
        }
    }

    private static void write(OutputStream out, ImportLine line) {
        try {
            out.write(JSON.writerFor(ImportLine.class).writeValueAsBytes(line));
            out.write('\n');
            if (!(line instanceof ImportLine.Rejected)) {
                out.flush();
            }
        } catch (IOException gone) {
            throw new UncheckedIOException("the client of an import is gone", gone);
        }
    }

    static String line(List<String> cells) {
        List<String> quoted = new ArrayList<>(cells.size());
        for (String cell : cells) {
            boolean plain = cell.chars().noneMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r');
            quoted.add(plain ? cell : "\"" + cell.replace("\"", "\"\"") + "\"");
        }
        return String.join(",", quoted) + "\r\n";
    }

    /** Counts what was read, for the progress. */
    private static final class CountedStream extends FilterInputStream {
        private long count;

        CountedStream(InputStream in) {
            super(in);
        }

        @Override
        public int read() throws IOException {
            int read = super.read();
            count += read < 0 ? 0 : 1;
            return read;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            int read = super.read(buffer, offset, length);
            count += Math.max(read, 0);
            return read;
        }
    }
}
