package dev.muster.registry.apply;

import dev.muster.identity.Actor;
import dev.muster.identity.Kind;
import dev.muster.identity.Requires;
import dev.muster.identity.Verb;
import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.Refusal;
import io.swagger.v3.oas.annotations.Operation;
import io.swagger.v3.oas.annotations.media.Content;
import io.swagger.v3.oas.annotations.media.Schema;
import io.swagger.v3.oas.annotations.parameters.RequestBody;
import io.swagger.v3.oas.annotations.tags.Tag;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Apply over HTTP: YAML of any number of documents, or JSON, which is YAML too. */
@RestController
@Tag(name = "assets")
@RequestMapping("/api/v1/apply")
public class ApplyResource {
    static final int MAX_BYTES = 4 * 1024 * 1024;
    static final int MAX_DOCUMENTS = 1_000;

    private static final YAMLMapper YAML = YAMLMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private final ApplyService service;

    public ApplyResource(ApplyService service) {
        this.service = service;
    }

    @PostMapping
    @Requires(verb = Verb.WRITE, kind = Kind.ASSET)
    @Operation(
            operationId = "apply",
            summary = "Creates or changes declared objects: all documents, or none",
            requestBody =
                    @RequestBody(
                            required = true,
                            content = {
                                @Content(mediaType = "application/yaml", schema = @Schema(type = "string")),
                                @Content(mediaType = "application/json", schema = @Schema(type = "object"))
                            }))
    public Applied apply(
            Actor actor,
            @RequestParam(defaultValue = "false") boolean dryRun,
            @RequestParam(defaultValue = ApplyService.DEFAULT_MANAGER) String fieldManager,
            @RequestParam(defaultValue = "false") boolean force,
            HttpServletRequest request)
            throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BYTES + 1);
        if (body.length > MAX_BYTES) {
            throw new Refusal(
                    ErrorCode.TOO_LARGE, "the documents have more than " + MAX_BYTES + " bytes; apply them in parts");
        }
        return service.apply(actor, documents(body), fieldManager, force, dryRun);
    }

    static List<JsonNode> documents(byte[] body) {
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> read = YAML.readerFor(JsonNode.class).readValues(body)) {
            while (read.hasNextValue()) {
                JsonNode document = read.nextValue();
                if (document == null || document.isNull() || document.isMissingNode()) {
                    continue;
                }
                documents.add(document);
                if (documents.size() > MAX_DOCUMENTS) {
                    throw new Refusal(
                            ErrorCode.TOO_LARGE,
                            "there are more than " + MAX_DOCUMENTS
                                    + " documents; apply them in parts, or import assets as CSV");
                }
            }
        } catch (JacksonException malformed) {
            throw new Refusal(
                    ErrorCode.INVALID,
                    "document " + documents.size() + " is not YAML: " + malformed.getOriginalMessage() + " (line "
                            + malformed.getLocation().getLineNr() + ")");
        }
        if (documents.isEmpty()) {
            throw new Refusal(ErrorCode.INVALID, "there is no document to apply");
        }
        return documents;
    }
}
