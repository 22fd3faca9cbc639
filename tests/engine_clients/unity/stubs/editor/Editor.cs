namespace UnityEditor
{
}
