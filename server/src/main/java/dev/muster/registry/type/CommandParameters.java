package dev.muster.registry.type;

import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/**
 * The JSON Schemas of command parameters: checked when a type is declared, applied when a command is sent.
 *
 * <p>A schema refers to nothing outside of itself, so checking one never opens a connection.
 *
 * @see <a href="https://json-schema.org/draft/2020-12">JSON Schema 2020-12</a>
 */
@Component
public class CommandParameters {
    static final int MAX_CHARACTERS = 16 * 1024;

    /** Takes any schema; for types that were checked when they were declared. */
    static final CommandParameters UNCHECKED = new CommandParameters() {
        @Override
        @Nullable String problemOf(JsonNode schema) {
            return null;
        }
    };

    private final SchemaRegistry schemas = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

    /** What is wrong with a schema, {@code null} when nothing is. */
    @Nullable String problemOf(JsonNode schema) {
        if (!schema.isObject()) {
            return "must be an object: a JSON Schema";
        }
        if (schema.toString().length() > MAX_CHARACTERS) {
            return "has " + schema.toString().length() + " characters, at most " + MAX_CHARACTERS + " are allowed";
        }
        Optional<String> foreign = foreignReference(schema);
        if (foreign.isPresent()) {
            return "refers to " + foreign.get() + "; only references inside the schema (\"#/…\") are allowed";
        }
        return schemas
                .getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()))
                .validate(schema)
                .stream()
                .findFirst()
                .map(error -> "is not a JSON Schema: " + error)
                .orElseGet(() -> unusable(schema));
    }

    /** Why parameters do not fit a command's schema, one line each; empty when they fit. */
    public List<String> problemsOf(AssetType.Command command, JsonNode parameters) {
        if (command.parameters().isEmpty()) {
            return parameters.isEmpty() ? List.of() : List.of("command " + command.name() + " takes no parameters");
        }
        return schemas.getSchema(command.parameters()).validate(parameters).stream()
                .map(error -> error.toString())
                .toList();
    }

    private @Nullable String unusable(JsonNode schema) {
        try {
            schemas.getSchema(schema).initializeValidators();
            return null;
        } catch (SchemaException unusable) {
            return "is not a usable JSON Schema: " + unusable.getMessage();
        }
    }

    private static Optional<String> foreignReference(JsonNode node) {
        for (String keyword : List.of("$ref", "$dynamicRef", "$schema", "$id")) {
            JsonNode value = node.get(keyword);
            boolean dialect = keyword.equals("$schema")
                    && value != null
                    && value.asString("").equals(SpecificationVersion.DRAFT_2020_12.getDialectId());
            if (value != null && value.isString() && !value.stringValue().startsWith("#") && !dialect) {
                return Optional.of(value.stringValue());
            }
        }
        return node.valueStream()
                .flatMap(child -> foreignReference(child).stream())
                .findFirst();
    }
}
