-- Argo CD leaves Applications out of health since 1.8; with this, a sync wave of Applications waits for the wave before it.
local health = obj.status ~= nil and obj.status.health or {}
return { status = health.status or "Progressing", message = health.message or "" }
