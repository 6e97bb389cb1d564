package dev.muster.agent.settings;

import java.util.List;

/** Settings that stop the start: all that is wrong with them, at once. */
public final class SettingsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SettingsException(List<String> problems) {
        super("the configuration of the agent has " + problems.size()
                + (problems.size() == 1 ? " problem" : " problems") + ":\n  - " + String.join("\n  - ", problems));
    }
}
