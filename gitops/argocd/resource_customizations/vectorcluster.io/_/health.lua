-- Of VectorCluster, VectorPool, VectorCollection and VectorShard, by the rule of kstatus. Beyond it: a cluster that serves and whose updates
-- are paused waits for a person, so it is Suspended.
local status = obj.status or {}
if status.observedGeneration ~= obj.metadata.generation then
  return { status = "Progressing", message = "the operator has not looked at the latest spec yet" }
end

local conditions = {}
for _, condition in ipairs(status.conditions or {}) do
  conditions[condition.type] = condition
end

local function holds(type)
  return conditions[type] ~= nil and conditions[type].status == "True"
end

local isPaused = obj.spec.update ~= nil and obj.spec.update.pause == true
if isPaused and holds("Ready") and not holds("Stalled") then
  if holds("Reconciling") then
    return { status = "Suspended", message = conditions["Reconciling"].message }
  end
  return { status = "Suspended", message = "spec.update.pause is true; nothing waits for it at the moment" }
end

if holds("Reconciling") then
  return { status = "Progressing", message = conditions["Reconciling"].message }
end
if holds("Stalled") then
  return { status = "Degraded", message = conditions["Stalled"].message }
end
if holds("Ready") then
  return { status = "Healthy", message = conditions["Ready"].message }
end
if conditions["Ready"] ~= nil then
  return { status = "Progressing", message = conditions["Ready"].message }
end
return { status = "Progressing", message = "the operator has not said anything yet" }
