package dev.muster.command;

import io.swagger.v3.oas.annotations.media.Schema;
import java.util.Map;

/**
 * What a request would do.
 *
 * @param skipped assets of the selection that are retired or quarantined
 * @param disruptive whether it has to be confirmed
 * @param types how many assets of which type
 */
@Schema(name = "CommandPlan")
public record Plan(String name, int assets, int skipped, boolean disruptive, Map<String, Integer> types) {}
