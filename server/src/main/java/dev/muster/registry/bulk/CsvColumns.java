package dev.muster.registry.bulk;

import dev.muster.platform.error.ErrorCode;
import dev.muster.platform.error.FieldProblem;
import dev.muster.platform.error.Refusal;
import dev.muster.protocol.AssetId;
import dev.muster.registry.Asset;
import dev.muster.registry.Lifecycle;
import dev.muster.registry.asset.AssetRules;
import dev.muster.registry.asset.AssetSpec;
import dev.muster.registry.bulk.CsvReader.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The columns of a file of assets: {@code id,type,owner,region,site,hardware,lifecycle,label.KEY…} in any order. */
final class CsvColumns {
    static final List<String> FIXED = List.of("id", "type", "owner", "region", "site", "hardware", "lifecycle");
    private static final String LABEL = "label.";

    private final List<String> names;

    private CsvColumns(List<String> names) {
        this.names = names;
    }

    static CsvColumns of(Collection<String> labelKeys) {
        List<String> names = new ArrayList<>(FIXED);
        labelKeys.forEach(key -> names.add(LABEL + key));
        return new CsvColumns(names);
    }

    /** @throws Refusal when the header is not one of assets; then no row can be understood */
    static CsvColumns ofHeader(@Nullable Row header) {
        if (header == null) {
            throw refused(List.of(new FieldProblem("header", "the file is empty")));
        }
        String unreadable = header.problem();
        if (unreadable != null) {
            throw refused(List.of(new FieldProblem("header", unreadable)));
        }
        List<FieldProblem> problems = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        for (String name : header.fields()) {
            if (!FIXED.contains(name) && !isLabel(name)) {
                problems.add(new FieldProblem(
                        "header", "column \"" + name + "\" is not known; allowed: " + FIXED + " and label.KEY"));
            }
            if (!seen.add(name)) {
                problems.add(new FieldProblem("header", "column \"" + name + "\" stands twice"));
            }
        }
        for (String needed : List.of("id", "type")) {
            if (!seen.contains(needed)) {
                problems.add(new FieldProblem("header", "column \"" + needed + "\" is missing"));
            }
        }
        if (!problems.isEmpty()) {
            throw refused(problems);
        }
        return new CsvColumns(header.fields());
    }

    List<String> names() {
        return names;
    }

    /** Why a record's fields cannot be taken at all, {@code null} when they can. */
    @Nullable String problem(Row row) {
        if (row.problem() != null) {
            return row.problem();
        }
        if (row.fields().size() != names.size()) {
            return "has " + row.fields().size() + " fields, the header has " + names.size();
        }
        if (row.fields().stream().anyMatch(field -> field.indexOf('\uFFFD') >= 0)) {
            return "is not UTF-8";
        }
        String id = id(row);
        if (!AssetId.isValid(id)) {
            return "id \"" + (id.length() <= 64 ? id : id.substring(0, 64) + "…") + "\" is not of the form "
                    + AssetId.PATTERN;
        }
        String lifecycle = value(row, "lifecycle", "");
        return lifecycle.isEmpty() || Lifecycle.ofWire(lifecycle).isPresent()
                ? null
                : "lifecycle \"" + lifecycle + "\" is not one of "
                        + List.of(Lifecycle.values()).stream()
                                .map(Lifecycle::wire)
                                .toList();
    }

    String id(Row row) {
        return value(row, "id", "");
    }

    /** What a record declares. A column that the file does not have leaves a known asset's field as it is; an empty label cell removes it. */
    AssetSpec spec(Row row, @Nullable Asset known) {
        Map<String, String> labels = new HashMap<>(known == null ? Map.of() : known.labels());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i);
            if (!isLabel(name)) {
                continue;
            }
            String key = name.substring(LABEL.length());
            String value = row.fields().get(i);
            if (value.isEmpty()) {
                labels.remove(key);
            } else {
                labels.put(key, value);
            }
        }
        return new AssetSpec(
                value(row, "type", ""),
                labels,
                value(row, "owner", known == null ? "" : known.owner()),
                value(row, "region", known == null ? "" : known.region()),
                value(row, "site", known == null ? "" : known.site()),
                value(row, "hardware", known == null ? "" : known.hardware()),
                Lifecycle.ofWire(value(row, "lifecycle", "")).orElse(null));
    }

    /** The cells of an asset, for the file that an import takes. */
    List<String> cells(Asset asset) {
        return names.stream()
                .map(name -> switch (name) {
                    case "id" -> asset.id().value();
                    case "type" -> asset.type();
                    case "owner" -> asset.owner();
                    case "region" -> asset.region();
                    case "site" -> asset.site();
                    case "hardware" -> asset.hardware();
                    case "lifecycle" -> asset.lifecycle().wire();
                    default -> asset.labels().getOrDefault(name.substring(LABEL.length()), "");
                })
                .toList();
    }

    private String value(Row row, String name, String absent) {
        int index = names.indexOf(name);
        return index < 0 ? absent : row.fields().get(index);
    }

    private static boolean isLabel(String name) {
        return name.startsWith(LABEL)
                && AssetRules.LABEL_KEY.matcher(name.substring(LABEL.length())).matches();
    }

    private static Refusal refused(List<FieldProblem> problems) {
        return new Refusal(
                ErrorCode.INVALID,
                "the file cannot be imported: " + problems.getFirst().message(),
                problems);
    }
}
